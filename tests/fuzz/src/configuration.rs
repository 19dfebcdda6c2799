//! The JSON of a configuration.

use rehome::{Config, Error, Input, Preset, Registration};

use crate::phone::Phone;

/// What can be read is refused with a reason, or registers; what is written is read again as the same.
pub fn configuration(data: &[u8]) {
    let Ok(config) = serde_json::from_slice::<Config>(data) else { return };
    let text = serde_json::to_string(&config).expect("a configuration is JSON");
    assert_eq!(serde_json::from_str::<Config>(&text).expect("what was written can be read"), config);
    match config.validate() {
        Err(error) => refused(&error, &config),
        Ok(_) => accepted(config),
    }
}

/// An error names a field, cuts what it shows, and says what to do; nothing in it can forge a second log line.
fn refused(error: &Error, config: &Config) {
    let Error::Config { field, value, remedy } = error else { panic!("{error}") };
    assert!(!field.is_empty() && !remedy.is_empty());
    assert!(value.chars().count() <= 80, "{value}");
    let text = error.to_string();
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(Registration::new(config.clone(), 1).is_err());
    let mut phone = Registration::new(base(), 1).expect("a good configuration");
    let before = phone.clone();
    let input = Input::Configure { config: Box::new(config.clone()) };
    assert!(phone.step(input, rehome::Time::from_millis(0), &mut rehome::Step::default()).is_err());
    assert!(phone == before);
}

fn accepted(config: Config) {
    let mut phone = Phone::new(Registration::new(config.clone(), 1).expect("it was validated"), 0);
    phone.hand_in(Input::Start, 0);
    for _ in 0..20 {
        let Some(wake) = phone.step.wake else { break };
        phone.hand_in(Input::Wake, wake.as_millis());
    }
    phone.hand_in(Input::Configure { config: Box::new(base()) }, phone.now);
    phone.hand_in(Input::Configure { config: Box::new(config) }, phone.now + 1);
    phone.hand_in(Input::Stop, phone.now + 10_000);
}

fn base() -> Config {
    Config { srv_record: Some("_sip._udp.example.test".into()), ..Preset::Default.config() }
}
