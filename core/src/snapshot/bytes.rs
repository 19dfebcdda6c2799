//! The bytes of a snapshot (rule 5.5): numbers in little endian, lists after their length, times as distances.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::{checksum, count};
use crate::plan::{Entry, NewTarget};
use crate::stay::Home;
use crate::{Error, Id, LastOutcome, Millis, Rule, TargetId, Time, Transport};

/// Writes them, from first to last.
pub(super) struct Writer {
    bytes: Vec<u8>,
    now: Time,
}

impl Writer {
    pub(super) fn new(now: Time) -> Self {
        Self { bytes: Vec::new(), now }
    }

    /// The bytes, with the checksum at the end.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let sum = checksum(&self.bytes);
        self.u64(sum);
        self.bytes
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.bytes.extend(value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes.extend(value.to_le_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.bytes.extend(value.to_le_bytes());
    }

    fn text(&mut self, value: &str) {
        self.u32(count(value.len()));
        self.bytes.extend(value.bytes());
    }

    pub(super) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.bool(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// A time, as the distance from now: ahead or ago.
    pub(super) fn time(&mut self, time: Time) {
        self.bool(time >= self.now);
        self.u64(time.since(self.now).0.max(self.now.since(time).0));
    }

    /// `leaving` is the binding of an unregister that has not ended yet.
    pub(super) fn entry(&mut self, entry: &Entry) {
        let target = &entry.target;
        self.u32(target.id.0);
        self.text(&target.host);
        self.u16(target.port);
        self.u8(target.transport as u8);
        self.text(&target.tls_name);
        self.u16(target.priority);
        self.u16(target.weight);
        self.option(target.site.as_ref(), |w, site| w.text(site));
        self.u32(count(entry.addresses.len()));
        for address in &entry.addresses {
            match address {
                IpAddr::V4(four) => {
                    self.u8(4);
                    self.bytes.extend(four.octets());
                }
                IpAddr::V6(six) => {
                    self.u8(6);
                    self.bytes.extend(six.octets());
                }
            }
        }
        self.u32(count(entry.address_at));
        self.time(entry.addresses_until);
        let (kind, code) = match entry.last {
            None => (0, 0),
            Some(LastOutcome::Accepted) => (1, 0),
            Some(LastOutcome::Failed(code)) => (2, code),
            Some(LastOutcome::Rejected(code)) => (3, code),
            Some(LastOutcome::Silent) => (4, 0),
            Some(LastOutcome::NoAddress) => (5, 0),
        };
        self.u8(kind);
        self.u16(code);
        self.option(entry.last_start, Self::time);
        self.option(entry.last_end, Self::time);
        self.option(entry.binding, |w, binding| w.u32(binding.0));
        self.u32(entry.min_expires);
        self.time(entry.held_until);
        self.option(entry.left_at, Self::time);
    }

    pub(super) fn home(&mut self, home: &Home) {
        self.u32(home.target.0);
        self.time(home.expires_at);
        self.bool(home.confirmed);
        self.u32(home.streak);
        self.u32(home.streak_before);
        self.option(home.success_at, Self::time);
        self.bool(home.proven);
        self.u32(home.missing);
        self.option(home.why, |w, why| {
            w.u8(why.section);
            w.u8(why.number);
        });
    }
}

/// Reads them, in the same order.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The moment of the snapshot, on the clock of this process.
    pub(super) taken: Time,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], taken: Time) -> Self {
        Self { bytes, at: 0, taken }
    }

    /// Takes the checksum off the end.
    pub(super) fn check_sum(&mut self) -> Result<(), Error> {
        match self.bytes.split_last_chunk::<8>() {
            Some((bytes, sum)) if checksum(bytes) == u64::from_le_bytes(*sum) => {
                self.bytes = bytes;
                Ok(())
            }
            _ => Err(Error::Snapshot { at: self.bytes.len() }),
        }
    }

    fn damaged<T>(&self) -> Result<T, Error> {
        Err(Error::Snapshot { at: self.at })
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let rest = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>());
        let Some(found) = rest else { return self.damaged() };
        self.at = self.at.saturating_add(N);
        Ok(*found)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(u8::from_le_bytes)
    }

    pub(super) fn bool(&mut self) -> Result<bool, Error> {
        self.code(|code| [false, true].get(usize::from(code)).copied())
    }

    /// A byte that stands for something.
    pub(super) fn code<T>(&mut self, of: impl FnOnce(u8) -> Option<T>) -> Result<T, Error> {
        let code = self.u8()?;
        match of(code) {
            Some(value) => Ok(value),
            None => self.damaged(),
        }
    }

    pub(super) fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Error> {
        self.array().map(u64::from_le_bytes)
    }

    fn text(&mut self) -> Result<Arc<str>, Error> {
        let length = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        let end = self.at.saturating_add(length);
        let found = self.bytes.get(self.at..end).and_then(|bytes| core::str::from_utf8(bytes).ok());
        let Some(text) = found else { return self.damaged() };
        self.at = end;
        Ok(Arc::from(String::from(text)))
    }

    pub(super) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<Option<T>, Error> {
        if self.bool()? { read(self).map(Some) } else { Ok(None) }
    }

    pub(super) fn time(&mut self) -> Result<Time, Error> {
        let ahead = self.bool()?;
        let distance = Millis(self.u64()?);
        Ok(if ahead { self.taken.after(distance) } else { Time(self.taken.0.saturating_sub(distance.0)) })
    }

    fn address(&mut self) -> Result<IpAddr, Error> {
        match self.u8()? {
            4 => self.array::<4>().map(IpAddr::from),
            6 => self.array::<16>().map(IpAddr::from),
            _ => self.damaged(),
        }
    }

    pub(super) fn entry(&mut self) -> Result<Entry, Error> {
        let id = TargetId(self.u32()?);
        let new = NewTarget {
            host: self.text()?,
            port: self.u16()?,
            transport: self.code(transport_of)?,
            tls_name: self.text()?,
            priority: self.u16()?,
            weight: self.u16()?,
            site: self.option(Self::text)?,
        };
        let mut addresses = Vec::new();
        for _ in 0..self.u32()? {
            addresses.push(self.address()?);
        }
        let mut entry = Entry::new(id, new);
        entry.addresses = addresses;
        entry.address_at = usize::try_from(self.u32()?).unwrap_or_default();
        entry.addresses_until = self.time()?;
        let kind = self.u8()?;
        let code = self.u16()?;
        entry.last = match kind {
            0 => None,
            1 => Some(LastOutcome::Accepted),
            2 => Some(LastOutcome::Failed(code)),
            3 => Some(LastOutcome::Rejected(code)),
            4 => Some(LastOutcome::Silent),
            5 => Some(LastOutcome::NoAddress),
            _ => return self.damaged(),
        };
        entry.last_start = self.option(Self::time)?;
        entry.last_end = self.option(Self::time)?;
        entry.binding = self.option(Self::u32)?.map(Id);
        entry.min_expires = self.u32()?;
        entry.held_until = self.time()?;
        entry.left_at = self.option(Self::time)?;
        Ok(entry)
    }

    pub(super) fn home(&mut self) -> Result<Home, Error> {
        Ok(Home {
            target: TargetId(self.u32()?),
            expires_at: self.time()?,
            expired: false,
            confirmed: self.bool()?,
            due: None,
            streak: self.u32()?,
            streak_before: self.u32()?,
            success_at: self.option(Self::time)?,
            proven: self.bool()?,
            found_by: None,
            missing: self.u32()?,
            why: self.option(|r| Ok(Rule::new(r.u8()?, r.u8()?)))?,
        })
    }

    pub(super) fn end(&self) -> Result<(), Error> {
        if self.at == self.bytes.len() { Ok(()) } else { self.damaged() }
    }
}

fn transport_of(code: u8) -> Option<Transport> {
    use Transport::{Dtls, Tcp, Tls, Udp, Ws, Wss};
    [Udp, Tcp, Tls, Dtls, Ws, Wss].get(usize::from(code)).copied()
}

#[cfg(test)]
#[allow(clippy::disallowed_macros, clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_last_field_is_refused() {
        let mut writer = Writer::new(Time::default());
        writer.u8(1);
        writer.u8(2);
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes, Time::default());
        reader.check_sum().unwrap();
        assert_eq!((reader.u8(), reader.end()), (Ok(1), Err(Error::Snapshot { at: 1 })));
        assert_eq!((reader.u8(), reader.end()), (Ok(2), Ok(())));
    }
}
