//! Phones as child processes: commands go in and events come out, one JSON value a line.
//!
//! Whatever speaks this can be a phone of the lab, in whatever language.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

/// How many events wait to be taken before the phone has to.
const QUEUED_EVENTS: usize = 1024;

/// A running phone; killed when dropped. What it writes to stderr goes to ours.
#[derive(Debug)]
pub struct Phone {
    child: Child,
    commands: ChildStdin,
    events: mpsc::Receiver<Value>,
    name: String,
}

impl Phone {
    /// Starts a phone.
    ///
    /// # Errors
    /// The command cannot be run.
    pub fn spawn<I, S>(command: impl AsRef<OsStr>, args: I) -> Result<Self>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let name = command.as_ref().to_string_lossy().into_owned();
        let mut child = Command::new(command)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("phone {name:?} cannot be started; build it, or correct the path"))?;
        let (Some(commands), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("phone {name:?} has no standard input and output");
        };
        let (sender, events) = mpsc::channel(QUEUED_EVENTS);
        tokio::spawn(read_events(output, sender));
        Ok(Self { child, commands, events, name })
    }

    /// Sends one command, such as `json!({"command": "login"})`.
    ///
    /// # Errors
    /// The phone has ended.
    pub async fn send(&mut self, command: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(command)?;
        line.push(b'\n');
        let sent = self.commands.write_all(&line).await;
        sent.with_context(|| format!("phone {:?} takes no commands any more", self.name))
    }

    /// The next event, or `None` if there is none within `timeout`. A line that is no JSON arrives as
    /// `{"event":"unreadable","line":...}`.
    ///
    /// # Errors
    /// The phone has ended and all its events were taken.
    pub async fn next_event(&mut self, timeout: Duration) -> Result<Option<Value>> {
        match tokio::time::timeout(timeout, self.events.recv()).await {
            Ok(Some(event)) => Ok(Some(event)),
            Ok(None) => {
                let status = self.child.wait().await?;
                bail!("phone {:?} has ended ({status})", self.name)
            }
            Err(_) => Ok(None),
        }
    }

    /// Ends the phone at once, without letting it unregister.
    ///
    /// # Errors
    /// The system would not.
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await.with_context(|| format!("phone {:?} cannot be killed", self.name))
    }
}

async fn read_events(output: ChildStdout, sender: mpsc::Sender<Value>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let event = serde_json::from_str(&line).unwrap_or_else(|_| json!({"event": "unreadable", "line": line}));
        if sender.send(event).await.is_err() {
            return;
        }
    }
}
