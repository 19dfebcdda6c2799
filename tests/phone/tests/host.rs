//! A host's duties, against the lab's registrars and DNS: what is told apart, what is handed in late, what is not sent.

use std::time::Duration;

use rehome::{Answer, Config, Millis, Outcome, TlsName, Unreachable};
use rehome_lab::{CertificateKind, Lab, LabConfig, Settings, SipFault, Transport};
use rehome_phone::{Command, Options, Report, Trust, run};
use serde_json::Value;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// How long a test waits for what must come.
const SOON: Duration = Duration::from_secs(8);

struct Running {
    commands: UnboundedSender<Command>,
    reports: UnboundedReceiver<Report>,
    seen: Vec<Report>,
}

impl Running {
    /// The first report, of those not looked at, for which `wanted` finds something.
    async fn until<T>(&mut self, what: &str, wanted: impl Fn(&Report) -> Option<T>) -> T {
        let found = tokio::time::timeout(SOON, async {
            while let Some(report) = self.reports.recv().await {
                let found = wanted(&report);
                self.seen.push(report);
                if found.is_some() {
                    return found;
                }
            }
            None
        });
        match found.await {
            Ok(Some(found)) => found,
            _ => panic!("{what} did not come; seen: {:#?}", self.seen),
        }
    }

    async fn event(&mut self, kind: &str) -> Value {
        let is = |report: &Report| match report {
            Report::Event { event, .. } if event["type"] == kind => Some(event.clone()),
            _ => None,
        };
        self.until(kind, is).await
    }

    async fn outcome(&mut self) -> Outcome {
        let is = |report: &Report| match report {
            Report::Outcome { outcome, .. } => Some(*outcome),
            _ => None,
        };
        self.until("an outcome", is).await
    }
}

fn phone(lab: &Lab, user: &str, password: &str, config: Config) -> Running {
    phone_with(lab, user, password, config, false)
}

fn phone_with(lab: &Lab, user: &str, password: &str, config: Config, one_contact: bool) -> Running {
    let (commands, to_obey) = mpsc::unbounded_channel();
    let (to_say, reports) = mpsc::unbounded_channel();
    let options = Options {
        config,
        seed: 1,
        dns: lab.dns_address(1).unwrap(),
        user: user.into(),
        password: password.into(),
        domain: Some("example.test".into()),
        trust: Some(Trust::from_pem(lab.ca_pem().as_bytes()).unwrap()),
        keep_alive: None,
        one_contact,
    };
    tokio::spawn(run(options, to_obey, to_say));
    commands.send(Command::Start).unwrap();
    Running { commands, reports, seen: Vec::new() }
}

/// One static target, with time-outs as short as they may be.
fn at(proxy: &str) -> Config {
    let mut config = Config { outbound_proxy: Some(proxy.into()), ..Config::default() };
    config.rollover.attempt_timeout = Millis::from_secs(1);
    config.rollover.retry_interval = Millis::from_secs(1);
    config.rollover.recovery_spread = Millis::ZERO;
    config
}

fn proxy(lab: &Lab, transport: &str) -> String {
    format!("sip:{};transport={transport}", lab.registrar_addresses()[0])
}

async fn lab_with(settings: Settings) -> Lab {
    Lab::start(LabConfig { settings, ..LabConfig::ephemeral() }).await.unwrap()
}

async fn lab() -> Lab {
    lab_with(Settings::default()).await
}

/// The registrars of the zone over TLS, whose certificates must carry this name.
fn over_tls(tls_name: TlsName) -> Config {
    let mut config = at("unused");
    config.srv_record = Some("_sips._tcp.example.test".into());
    config.rollover.failures_before_rollover = 1;
    config.tls_name = tls_name;
    config
}

const TLS_FAILED: Outcome = Outcome::Unreachable { cause: Unreachable::Tls };

fn registers(lab: &Lab, user: &str) -> usize {
    lab.control().log(Some(user)).iter().filter(|entry| entry.method == "REGISTER" && !entry.retransmission).count()
}

#[tokio::test]
async fn a_closed_port_is_refused_and_no_silence() {
    let lab = lab().await;
    lab.control().fault_registrar("dc1-spx1", None, Some(SipFault::Refuse)).await.unwrap();
    for transport in ["udp", "tcp"] {
        let mut phone = phone(&lab, "rita", "secret", at(&proxy(&lab, transport)));
        assert_eq!(phone.outcome().await, Outcome::Unreachable { cause: Unreachable::Refused }, "{transport}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_challenged_once() {
    let lab = lab().await;
    let mut phone = phone(&lab, "walter", "wrong", at(&proxy(&lab, "udp")));
    let refused = Outcome::Status { code: 401, retry_after: None, min_expires: None };
    assert_eq!(phone.outcome().await, refused);
    assert_eq!(registers(&lab, "walter"), 2);
}

#[tokio::test]
async fn rule_3_1c_a_nonce_that_is_always_stale_is_answered_twice() {
    let lab = lab_with(Settings { nonce_seconds: 0, ..Settings::default() }).await;
    let mut phone = phone(&lab, "stella", "secret", at(&proxy(&lab, "tcp")));
    let refused = Outcome::Status { code: 401, retry_after: None, min_expires: None };
    assert_eq!(phone.outcome().await, refused);
    assert_eq!(registers(&lab, "stella"), 3);
}

#[tokio::test]
async fn an_answer_after_the_deadline_is_handed_in() {
    let lab = lab().await;
    let slow = SipFault::Slow { ms: 1300 };
    lab.control().fault_registrar("dc1-spx1", Some("lara"), Some(slow)).await.unwrap();
    // Challenge after 1.3 s, success after 2.6 s: both later than the attempt's second.
    let mut phone = phone(&lab, "lara", "secret", at(&proxy(&lab, "udp")));
    assert_eq!(phone.event("attemptFailed").await["reason"], "timeout");
    phone.event("lateSuccess").await;
    phone.event("registered").await;
    assert_eq!(lab.control().bindings(Some("lara")).len(), 1);
}

#[tokio::test]
async fn a_registrar_that_hangs_up_loses_the_flow_after_its_answer() {
    let lab = lab().await;
    lab.control().fault_registrar("dc1-spx1", Some("hugo"), Some(SipFault::HangUp)).await.unwrap();
    let mut phone = phone(&lab, "hugo", "secret", at(&proxy(&lab, "tcp")));
    phone.event("registered").await;
    assert_eq!(phone.event("flowLost").await["rule"], "3.3");
}

#[tokio::test]
async fn refreshes_keep_their_contact_and_stop_removes_it() {
    let lab = lab().await;
    let mut config = at(&proxy(&lab, "tcp"));
    config.refresh.interval = Some(Millis::from_secs(5));
    let mut phone = phone(&lab, "clara", "secret", config);
    phone.event("registered").await;
    phone.event("refreshed").await;
    let bindings = lab.control().bindings(Some("clara"));
    assert_eq!(bindings.len(), 1, "{bindings:?}");
    let log = lab.control().log(Some("clara"));
    assert!(log.windows(2).all(|pair| pair[0].call_id == pair[1].call_id && pair[0].cseq < pair[1].cseq), "{log:?}");
    phone.commands.send(Command::Stop).unwrap();
    phone.event("stopped").await;
    assert!(lab.control().bindings(Some("clara")).is_empty());
}

#[tokio::test]
async fn a_set_that_fits_no_datagram_is_fetched_over_tcp() {
    let lab = lab().await;
    let config = Config { srv_record: Some("_sip._udp.many.odd.example.test".into()), ..Config::default() };
    let mut phone = phone(&lab, "manya", "secret", config);
    let is = |report: &Report| match report {
        Report::Answer { answer: Answer::Srv { records, .. }, .. } => Some(records.len()),
        _ => None,
    };
    assert_eq!(phone.until("an answer", is).await, 200);
    // The host name is resolved inside the attempt.
    phone.event("registered").await;
}

/// Rule 6.7c: both data centres write into one table, and this stack has one Contact for all its bindings, so the old
/// home's unregister deletes the new binding as well.
#[tokio::test]
async fn an_unregister_that_deletes_the_new_binding_leaves_the_phone_registered() {
    let lab = lab_with(Settings { shared_location: true, ..Settings::default() }).await;
    let control = lab.control();
    let busy = SipFault::Status { code: 503, retry_after: None, min_expires: None };
    control.fault_datacentre(1, Some("oda"), Some(busy)).await.unwrap();
    let mut config = at("unused");
    config.srv_record = Some("_sip._udp.example.test".into());
    config.rollover.failures_before_rollover = 1;
    let mut phone = phone_with(&lab, "oda", "secret", config, true);
    phone.event("registered").await;
    control.fault_datacentre(1, Some("oda"), None).await.unwrap();
    phone.commands.send(Command::Login).unwrap();
    phone.event("registered").await;
    assert_eq!(phone.event("unregistered").await["confirmed"], true);
    phone.event("refreshed").await;

    let bindings = control.bindings(Some("oda"));
    assert_eq!(bindings.len(), 1, "{bindings:?}");
    assert!(bindings[0].registrar.starts_with("dc1"), "{bindings:?}");
    // It was the refresh that brought it back: the unregister came after the success at the new home.
    let log = control.log(Some("oda"));
    let done: Vec<_> = log.iter().filter(|entry| entry.code == Some(200)).collect();
    let order: Vec<_> = done.iter().rev().take(3).map(|entry| (&entry.registrar[..3], entry.expires)).collect();
    assert!(matches!(order[..], [("dc1", Some(1..)), ("dc2", Some(0)), ("dc1", Some(1..))]), "{order:?}");
}

/// The name that certificates must carry, the certificate that is right then, and one that is wrong.
const NAMES: [(TlsName, CertificateKind, CertificateKind); 2] = [
    (TlsName::Domain, CertificateKind::Domain, CertificateKind::Target),
    (TlsName::Target, CertificateKind::Target, CertificateKind::Domain),
];

#[tokio::test]
async fn rule_1_6_the_certificate_of_the_tls_name_is_right() {
    let lab = lab().await;
    for ((tls_name, right, _), user) in NAMES.into_iter().zip(["domenica", "tara"]) {
        lab.control().certify_all(Some(right));
        let mut phone = phone(&lab, user, "secret", over_tls(tls_name));
        assert!(matches!(phone.outcome().await, Outcome::Accepted { .. }), "{right:?}");
        let bindings = lab.control().bindings(Some(user));
        let [binding] = &bindings[..] else { panic!("{bindings:?}") };
        assert_eq!((binding.datacentre, binding.transport), (1, Transport::Tls));
        assert!(binding.contact.ends_with(";transport=tls"), "{binding:?}");
    }
}

#[tokio::test]
async fn rule_1_6_a_certificate_with_another_name_fails_and_the_phone_rolls_over() {
    let lab = lab().await;
    let control = lab.control();
    for ((tls_name, right, wrong), user) in NAMES.into_iter().zip(["dora", "tilda"]) {
        control.certify_datacentre(1, Some(wrong)).unwrap();
        control.certify_datacentre(2, Some(right)).unwrap();
        let mut phone = phone(&lab, user, "secret", over_tls(tls_name));
        for _ in 0..2 {
            assert_eq!(phone.outcome().await, TLS_FAILED, "{wrong:?}");
            assert_eq!(phone.event("attemptFailed").await["reason"]["unreachable"], "tls");
        }
        let home = phone.event("registered").await["target"].clone();
        assert!(home.as_str().is_some_and(|home| home.starts_with("dc2-") && home.ends_with("/tls")), "{home}");
        let log = control.log(Some(user));
        assert!(log.iter().all(|entry| entry.registrar.starts_with("dc2-")), "nothing was told to a stranger: {log:?}");
    }
}

#[tokio::test]
async fn rule_1_6_each_register_carries_the_tls_name() {
    let lab = lab().await;
    let named = TlsName::Name("sip.example.test".into());
    for (tls_name, user, expected) in
        [(TlsName::Domain, "d", ""), (TlsName::Target, "t", "dc1-spx"), (named, "n", "sip.")]
    {
        let mut phone = phone(&lab, user, "secret", over_tls(tls_name));
        let name = |report: &Report| match report {
            Report::Action { action, .. } if action["type"] == "register" => Some(action["tlsName"].clone()),
            _ => None,
        };
        let name = phone.until("a REGISTER", name).await;
        let name = name.as_str().unwrap_or_default();
        assert!(name.starts_with(expected) && name.ends_with("example.test"), "{name}");
        assert_eq!(name == "example.test", user == "d", "{name}");
    }
}

#[tokio::test]
async fn certificates_that_have_expired_or_come_from_elsewhere_fail() {
    let lab = lab().await;
    for kind in [CertificateKind::Expired, CertificateKind::OtherCa] {
        lab.control().certify_all(Some(kind));
        let mut phone = phone(&lab, "stan", "secret", over_tls(TlsName::Domain));
        assert_eq!(phone.outcome().await, TLS_FAILED, "{kind:?}");
    }
    assert!(lab.control().log(Some("stan")).is_empty());
}

#[tokio::test]
async fn rule_1_6_another_tls_name_is_another_connection() {
    let lab = lab().await;
    let mut phone = phone(&lab, "connie", "secret", over_tls(TlsName::Domain));
    phone.event("registered").await;
    phone.commands.send(Command::Configure { config: Box::new(over_tls(TlsName::Target)) }).unwrap();
    assert_eq!(phone.event("unregistered").await["confirmed"], true);
    assert_eq!(phone.outcome().await, TLS_FAILED);
}

#[tokio::test]
async fn over_tls_refused_silent_and_lost_are_what_they_are() {
    let lab = lab().await;
    let control = lab.control();
    let only = |user| {
        let mut config = at(&format!("sip:{};transport=tls", lab.tls_addresses()[0]));
        config.tls_name = TlsName::Name("example.test".into());
        phone(&lab, user, "secret", config)
    };
    control.fault_registrar("dc1-spx1", Some("hanna"), Some(SipFault::HangUp)).await.unwrap();
    let mut hanna = only("hanna");
    hanna.event("registered").await;
    hanna.event("flowLost").await;
    control.fault_registrar("dc1-spx1", None, Some(SipFault::Silent)).await.unwrap();
    assert_eq!(only("silvia").event("attemptFailed").await["reason"], "timeout");
    control.fault_registrar("dc1-spx1", None, None).await.unwrap();
    let mut rosa = only("rosa");
    rosa.event("registered").await;
    control.fault_registrar("dc1-spx1", None, Some(SipFault::Refuse)).await.unwrap();
    rosa.event("flowLost").await;
    assert_eq!(only("ruth").outcome().await, Outcome::Unreachable { cause: Unreachable::Refused });
}
