//! The demo's story over UDP, TCP and TLS at once, in one lab on free ports, each with its own user.

use std::path::PathBuf;

use rehome::Transport;
use rehome_demo::{Ending, PhoneProgram, Story, Style, ending, line, play};
use rehome_lab::{Control, Lab, LabConfig, SipFault};

async fn told(transport: Transport, user: &str, lab: &Lab, control: &Control) -> (Ending, String) {
    let story = Story {
        phone: PhoneProgram {
            program: PathBuf::from(env!("CARGO_BIN_EXE_rehome-demo")),
            arguments: vec!["phone".into()],
        },
        user: user.into(),
        transport,
        dns: lab.dns_address(1).unwrap(),
        speed: 4,
        seed: 1,
    };
    let mut text = String::new();
    let result = play(&story, control, &mut |told| text.push_str(&format!("{}\n", line(told, Style::Plain)))).await;
    let came = result.unwrap_or_else(|error| panic!("{user}: {error:#}\n{text}"));
    text.push_str(&ending(&came, Style::Plain));
    (came, text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_story_over_udp_tcp_and_tls_at_once() {
    let lab = Lab::start(LabConfig::ephemeral()).await.unwrap();
    let control = lab.control();
    let (over_udp, over_tcp, over_tls) = tokio::join!(
        told(Transport::Udp, "ursula", &lab, &control),
        told(Transport::Tcp, "theo", &lab, &control),
        told(Transport::Tls, "tessa", &lab, &control)
    );
    for (came, text) in [over_udp, over_tcp, over_tls] {
        assert!(came.is_happy(), "{text}");
    }
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_happen_is_named() {
    let lab = Lab::start(LabConfig::ephemeral()).await.unwrap();
    let control = lab.control();
    let busy = SipFault::Status { code: 503, retry_after: None, min_expires: None };
    for datacentre in [1, 2] {
        control.fault_datacentre(datacentre, Some("nadia"), Some(busy.clone())).await.unwrap();
    }
    let (came, text) = told(Transport::Tcp, "nadia", &lab, &control).await;
    let missing: Vec<bool> = came.parts.iter().map(|part| part.missing.is_some()).collect();
    assert_eq!(missing[..3], [false, true, true], "{text}");
    assert!(!came.is_happy() && came.out_of_service.is_none(), "{text}");
    assert!(text.contains("did not happen: It registers at a primary of data centre 1"), "{text}");
    assert!(text.contains("answered 503: failure 3 of 3"), "{text}");
    lab.stop().await;
}
