//! Snapshots: damaged, forged, and restored.

use rehome::{Addresses, Config, Error, Preset, Registration, Time, WallClock};

use crate::bytes::Bytes;
use crate::phone::Phone;
use crate::steps::run;

/// The first two bytes say under which configuration, and whether the checksum is mended; then the snapshot after its
/// length, then what happens to the phone restored from it.
pub fn snapshots(data: &[u8]) {
    let mut bytes = Bytes(data);
    let (which, mend) = (bytes.u8(), bytes.u8());
    let length = usize::from(bytes.u16()).min(bytes.0.len());
    let (snapshot, rest) = bytes.0.split_at(length);
    let mut snapshot = snapshot.to_vec();
    if mend % 2 == 1 {
        snapshot.extend(checksum(&snapshot).to_le_bytes());
    }
    let (now, wall) = (Time::from_millis(1_000_000), WallClock::from_millis(1_700_000_000_000));
    match Registration::restore(configuration(which), 7, &snapshot, now, wall) {
        Ok(registration) => {
            let mut phone = Phone::new(registration.clone(), 1_000_000);
            // What was restored can be taken again.
            let again = registration.snapshot(now, wall);
            let twice = Registration::restore(configuration(which), 7, again.as_bytes(), now, wall);
            assert!(twice.is_ok(), "{twice:?}");
            phone.goes_on(registration, 1_000_000);
            run(&mut phone, &mut Bytes(rest));
        }
        Err(Error::Snapshot { at }) => assert!(at <= snapshot.len()),
        Err(Error::SnapshotVersion { found, supported }) => assert!(found > supported),
        Err(other) => panic!("{other}"),
    }
}

pub(crate) fn configuration(which: u8) -> Config {
    let mut config = Config { srv_record: Some("_sip._udp.example.test".into()), ..Preset::Default.config() };
    if which % 2 == 1 {
        config.lookup.addresses = Addresses::Core;
    }
    config
}

/// FNV-1a, 64 bit: what the core writes at the end, so that a forger gets past it.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
