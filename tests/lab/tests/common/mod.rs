//! Small clients: SIP by hand over UDP, streams of bytes and WebSocket, HTTP by hand. Each test file uses a part.
#![allow(dead_code)]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use md5::{Digest, Md5};
use rehome_lab::{Lab, LabConfig, Settings};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long a test waits for what must come.
pub const SOON: Duration = Duration::from_secs(5);

/// How long a test waits for what must not come.
pub const BRIEFLY: Duration = Duration::from_millis(200);

static COUNTER: AtomicU32 = AtomicU32::new(1);

/// A lab of its own, on free ports.
pub async fn lab() -> Result<Lab> {
    Lab::start(LabConfig::ephemeral()).await
}

/// The same with other settings.
pub async fn lab_with(settings: Settings) -> Result<Lab> {
    Lab::start(LabConfig { settings, ..LabConfig::ephemeral() }).await
}

/// Settings with expiries short enough to wait for.
pub fn short() -> Settings {
    Settings { min_expires: 1, ..Settings::default() }
}

/// A stream of bytes, whatever makes it one.
pub trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Bytes for S {}

enum Flow {
    Udp(UdpSocket),
    Stream(Box<dyn Bytes>, Vec<u8>),
    Ws(Box<WebSocketStream<TcpStream>>),
}

/// Opens a WebSocket as a browser does. The error is that of the handshake.
pub async fn websocket(server: SocketAddr, target: &str) -> Result<WebSocketStream<TcpStream>> {
    let stream = TcpStream::connect(server).await?;
    let mut request = format!("ws://{server}{target}").into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("sip"));
    let (stream, response) = timeout(SOON, client_async(request, stream)).await??;
    ensure!(response.headers()["sec-websocket-protocol"] == "sip", "the subprotocol was not agreed");
    Ok(stream)
}

/// The HTTP status with which a handshake was refused.
pub fn refusal(error: &anyhow::Error) -> Option<u16> {
    match error.downcast_ref() {
        Some(tungstenite::Error::Http(response)) => Some(response.status().as_u16()),
        _ => None,
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub code: u16,
    pub text: String,
}

impl Answer {
    /// The values of a header.
    pub fn all(&self, name: &str) -> Vec<String> {
        let values = self.text.lines().filter_map(|line| line.split_once(": "));
        values.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).collect()
    }

    /// The value of a header that must be there.
    pub fn one(&self, name: &str) -> Result<String> {
        self.all(name).pop().with_context(|| format!("no {name} in {}", self.text))
    }

    /// A parameter of the challenge.
    pub fn challenge(&self, name: &str) -> Option<String> {
        let value = self.one("WWW-Authenticate").ok()?;
        let rest = value.split(&format!("{name}=")).nth(1)?;
        Some(rest.trim_start_matches('"').split(['"', ',']).next()?.to_owned())
    }
}

/// A phone that does what a test says and nothing else.
pub struct Client {
    flow: Flow,
    local: SocketAddr,
    host: String,
    protocol: &'static str,
    pub user: String,
    pub contact: String,
    pub call_id: String,
    pub cseq: u32,
    nonce_count: u32,
}

impl Client {
    pub async fn udp(user: &str, server: SocketAddr) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.connect(server).await?;
        let local = socket.local_addr()?;
        Ok(Self::new(user, Flow::Udp(socket), local, "UDP"))
    }

    pub async fn tcp(user: &str, server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        let local = stream.local_addr()?;
        Ok(Self::over(user, stream, local, "TCP"))
    }

    /// Over an open stream; `Via` calls it `protocol`.
    pub fn over(user: &str, stream: impl Bytes + 'static, local: SocketAddr, protocol: &'static str) -> Self {
        Self::new(user, Flow::Stream(Box::new(stream), Vec::new()), local, protocol)
    }

    /// Like a browser, which knows no address of its own.
    pub async fn ws(user: &str, server: SocketAddr) -> Result<Self> {
        Self::ws_at(user, server, "/ws").await
    }

    pub async fn ws_at(user: &str, server: SocketAddr, target: &str) -> Result<Self> {
        let stream = websocket(server, target).await?;
        let local = stream.get_ref().local_addr()?;
        let mut client = Self::new(user, Flow::Ws(Box::new(stream)), local, "WS");
        client.host = format!("{}.invalid", client.call_id);
        client.contact = format!("sip:{user}@{};transport=ws", client.host);
        Ok(client)
    }

    fn new(user: &str, flow: Flow, local: SocketAddr, protocol: &'static str) -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        Self {
            flow,
            local,
            host: local.to_string(),
            protocol,
            user: user.to_owned(),
            contact: format!("sip:{user}@{local}"),
            call_id: format!("call-{number}"),
            cseq: 0,
            nonce_count: 0,
        }
    }

    /// Where it sends from.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// The text of a request, with a new `CSeq` and branch.
    pub fn request(&mut self, method: &str, more: &str) -> String {
        self.cseq += 1;
        let branch = COUNTER.fetch_add(1, Ordering::Relaxed);
        let (user, host, protocol) = (&self.user, &self.host, self.protocol);
        let (call_id, cseq) = (&self.call_id, self.cseq);
        format!(
            "{method} sip:example.test SIP/2.0\r\nVia: SIP/2.0/{protocol} {host};rport;branch=z9hG4bK{branch}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{user}@example.test>;tag=f{call_id}\r\nTo: <sip:{user}@example.test>\r\n\
             Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n{more}Content-Length: 0\r\n\r\n"
        )
    }

    pub async fn send(&mut self, text: &str) -> Result<()> {
        match &mut self.flow {
            Flow::Udp(socket) => socket.send(text.as_bytes()).await.map(drop)?,
            Flow::Stream(stream, _) => {
                stream.write_all(text.as_bytes()).await?;
                stream.flush().await?;
            }
            Flow::Ws(stream) => stream.send(Message::text(text)).await?,
        }
        Ok(())
    }

    /// The WebSocket under it.
    pub fn websocket(&mut self) -> Result<&mut WebSocketStream<TcpStream>> {
        let Flow::Ws(stream) = &mut self.flow else { bail!("no WebSocket") };
        Ok(stream)
    }

    /// The next answer, within `wait`. An error of kind "closed" if the connection is.
    pub async fn receive(&mut self, wait: Duration) -> Result<Answer> {
        let text = timeout(wait, self.receive_text()).await.context("no answer in time")??;
        let code = text.get(8..11).context("no status line")?.parse()?;
        Ok(Answer { code, text })
    }

    async fn receive_text(&mut self) -> Result<String> {
        match &mut self.flow {
            Flow::Udp(socket) => {
                let mut buffer = vec![0; 65_536];
                let length = socket.recv(&mut buffer).await?;
                buffer.truncate(length);
                Ok(String::from_utf8(buffer)?)
            }
            Flow::Stream(stream, buffer) => loop {
                if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                    return Ok(String::from_utf8(buffer.drain(..end + 4).collect())?);
                }
                ensure!(stream.read_buf(buffer).await? > 0, "closed");
            },
            Flow::Ws(stream) => match stream.next().await.context("closed")?? {
                Message::Text(text) => Ok(text.to_string()),
                other => bail!("{other:?} instead of text"),
            },
        }
    }

    /// The bytes that come next on a connection, as they are.
    pub async fn receive_raw(&mut self, length: usize) -> Result<Vec<u8>> {
        let Flow::Stream(stream, _) = &mut self.flow else { bail!("no connection") };
        let mut bytes = vec![0; length];
        timeout(SOON, stream.read_exact(&mut bytes)).await??;
        Ok(bytes)
    }

    /// Whether the other side closes the connection, soon.
    pub async fn closed(&mut self) -> bool {
        match &mut self.flow {
            Flow::Udp(_) => false,
            Flow::Stream(stream, _) => matches!(timeout(SOON, stream.read_u8()).await, Ok(Err(_))),
            Flow::Ws(stream) => matches!(timeout(SOON, stream.next()).await, Ok(None | Some(Err(_)))),
        }
    }

    pub async fn ask(&mut self, text: &str) -> Result<Answer> {
        self.send(text).await?;
        self.receive(SOON).await
    }

    /// The `Authorization` header for a challenge.
    pub fn authorize(&mut self, challenge: &Answer, method: &str, password: &str) -> Result<String> {
        self.nonce_count += 1;
        let nonce = challenge.challenge("nonce").context("no nonce")?;
        let realm = challenge.challenge("realm").context("no realm")?;
        let (user, count, uri) = (&self.user, self.nonce_count, "sip:example.test");
        let ha1 = md5(&format!("{user}:{realm}:{password}"));
        let ha2 = md5(&format!("{method}:{uri}"));
        let response = md5(&format!("{ha1}:{nonce}:{count:08x}:cafe:auth:{ha2}"));
        Ok(format!(
            "Authorization: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm=MD5, qop=auth, nc={count:08x}, cnonce=\"cafe\"\r\n"
        ))
    }

    /// A REGISTER with these headers, with digest if asked. The final answer.
    pub async fn register_with(&mut self, more: &str) -> Result<Answer> {
        let first = self.request("REGISTER", more);
        let answer = self.ask(&first).await?;
        if answer.code != 401 {
            return Ok(answer);
        }
        let authorization = self.authorize(&answer, "REGISTER", "secret")?;
        let second = self.request("REGISTER", &format!("{authorization}{more}"));
        self.ask(&second).await
    }

    /// Registers the contact for this many seconds (0: unregisters it).
    pub async fn register(&mut self, expires: u32) -> Result<Answer> {
        let contact = self.contact.clone();
        self.register_with(&format!("Contact: <{contact}>;expires={expires}\r\n")).await
    }
}

fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What came back over HTTP.
#[derive(Debug)]
pub struct HttpAnswer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl HttpAnswer {
    /// The value of a header; empty without one.
    pub fn header(&self, name: &str) -> &str {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or_default()
    }

    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{self:?}"))
    }
}

/// One HTTP request with these further header lines. An error if the connection is cut.
pub async fn fetch(server: SocketAddr, start: &str, headers: &str, body: &[u8]) -> Result<HttpAnswer> {
    let mut stream = TcpStream::connect(server).await?;
    let length = body.len();
    let head =
        format!("{start} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n");
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    let mut bytes = Vec::new();
    timeout(SOON, stream.read_to_end(&mut bytes)).await??;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").context("cut")?;
    let body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes)?;
    let status = head.get(9..12).context("no status")?.parse()?;
    Ok(HttpAnswer { status, head, body })
}

/// One request to control: the status and the JSON that came back.
pub async fn http(lab: &Lab, method: &str, path: &str, body: &str) -> Result<(u16, Value)> {
    let answer = fetch(lab.control_address(), &format!("{method} {path}"), "", body.as_bytes()).await?;
    Ok((answer.status, answer.json()?))
}

/// The same, which must succeed.
pub async fn put(lab: &Lab, path: &str, body: &str) -> Result<Value> {
    let (status, answer) = http(lab, "PUT", path, body).await?;
    ensure!(status == 200, "PUT {path} {body}: {status} {answer}");
    Ok(answer)
}
