//! Names that are no names, and where they may turn up.

use rehome::{Config, DropReason, Error, EventKind, Site, TlsName};

use crate::phone::{Phone, config, record};

/// Each of them is no host name; a log line or a header would break at most of them.
fn names() -> Vec<(String, DropReason)> {
    let bad = [
        "a\0b.example.test",
        "\0",
        "a\nb.example.test",
        "a\r\nVia: evil",
        "a\tb",
        "a\u{1b}[31mb",
        "a\u{7f}b",
        "a\u{85}b",
        "a\u{9b}b",
        "a\"b.example.test",
        "a'b.example.test",
        "<a>.example.test",
        "a;b",
        "a b.example.test",
        "a..b",
        ".a",
        "ä.example.test",
        "\u{202e}tset.elpmaxe.a",
        "a\u{2028}b",
        "日本.example.test",
        "\u{fffd}",
        "a\\000b",
        "a@b.example.test",
        "a/b",
    ];
    let mut names: Vec<_> = bad.iter().map(|name| ((*name).to_owned(), DropReason::BadName)).collect();
    // Without its final dot the root is empty.
    names.push((String::new(), DropReason::Root));
    names.push(("x".repeat(64), DropReason::BadName));
    names.push((format!("{}test", "abcde.".repeat(50)), DropReason::NameTooLong));
    names
}

/// The host names of the events' and the status's texts: none but the good one.
#[test]
fn bad_targets_are_dropped_and_repeated_nowhere() {
    for (name, expected) in names() {
        let mut phone = Phone::started(config());
        phone.answer(vec![record(1, 1, 5060, &name), record(2, 1, 5060, "good.example.test")], 300);
        let reason = phone.events().into_iter().find_map(|event| match event {
            EventKind::RecordDropped { index: 0, reason } => Some(*reason),
            _ => None,
        });
        let Some(reason) = reason else { panic!("{name:?} was taken: {:?}", phone.plan()) };
        // A label of 64 letters is bad as well as long.
        assert!(reason == expected || name.len() == 64, "{name:?}: {reason:?}");
        assert_eq!(phone.plan(), ["good.example.test"]);
        let said = format!("{:?}", phone.step);
        assert!(name.len() < 5 || !said.contains(&name), "{name:?} in {said}");
    }
}

fn changed(change: impl Fn(&mut Config)) -> Config {
    let mut config = config();
    change(&mut config);
    config
}

/// Each text of a configuration, with each bad name: refused in one clean line, or taken and shown nowhere raw.
#[test]
fn no_text_of_the_core_has_a_control_character() {
    let mut refused = 0;
    for (name, _) in names() {
        let some = || Some(name.clone());
        let configs = [
            changed(|config| config.srv_record = some()),
            changed(|config| config.srv_record = Some(format!("_sip._udp.{name}"))),
            changed(|config| (config.srv_record, config.outbound_proxy) = (None, some())),
            changed(|config| (config.srv_record, config.outbound_proxy) = (None, Some(format!("sip:{name}:5060")))),
            changed(|config| (config.srv_record, config.domain, config.lookup.discover) = (None, some(), true)),
            changed(|config| config.domain = some()),
            changed(|config| config.tls_name = TlsName::Name(name.clone())),
            changed(|config| config.lookup.candidates = vec![name.clone()]),
            changed(|config| config.lookup.pin_to_site = some()),
            changed(|config| config.lookup.sites = vec![Site { name: name.clone(), hosts: vec!["*".into()] }]),
            changed(|config| config.lookup.sites = vec![Site { name: "one".into(), hosts: vec![name.clone()] }]),
        ];
        for config in configs {
            match config.validate() {
                Err(error) => {
                    let Error::Config { value, .. } = &error else { panic!("{error}") };
                    let text = error.to_string();
                    assert!(!text.chars().any(char::is_control), "{name:?}: {text:?}");
                    assert!(value.chars().count() <= 80 && !value.chars().any(char::is_control));
                    refused += 1;
                }
                Ok(_) => {
                    // What is taken may be put out as it is; then it must be fit for a line.
                    let phone = Phone::started(config);
                    for event in phone.events() {
                        let (EventKind::Started { name: shown, .. } | EventKind::NothingOffered { name: shown, .. }) =
                            event
                        else {
                            continue;
                        };
                        assert!(!shown.chars().any(char::is_control), "{name:?}: {shown:?}");
                    }
                    for action in &phone.step.actions {
                        if let rehome::Action::Lookup { name: asked, .. } = action {
                            assert!(!asked.chars().any(char::is_control), "{name:?}: {asked:?}");
                        }
                    }
                }
            }
        }
    }
    assert!(refused > 150, "{refused}");
}
