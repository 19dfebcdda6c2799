//! Who is registered where (RFC 3261 10.3).

use std::time::{Duration, Instant};

use serde::Serialize;

use super::contact::{ContactEntry, Contacts};
use crate::config::{REGISTRARS, datacentre_of};
use crate::log::Transport;
use crate::settings::Settings;

/// The expiry of a REGISTER that asks for none, in seconds (RFC 3261 10.2.1.1).
const DEFAULT_EXPIRES: u32 = 3600;

/// One binding, as the outside sees it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// The user of the address of record.
    pub user: String,
    /// The contact URI.
    pub contact: String,
    /// The contact's parameters but `expires`, such as `;reg-id=1;+sip.instance="<urn:uuid:...>"`.
    pub parameters: String,
    /// The registrar that took it last.
    pub registrar: String,
    /// That registrar's data centre, 1 or 2.
    pub datacentre: u8,
    /// How it was taken.
    pub transport: Transport,
    /// Whence it was taken.
    pub source: String,
    /// `Call-ID` of the REGISTER.
    pub call_id: String,
    /// Number in the `CSeq` of the REGISTER.
    pub cseq: u32,
    /// Seconds left.
    pub expires_in: f64,
}

#[derive(Clone, Debug)]
struct Row {
    user: String,
    contact: ContactEntry,
    registrar: usize,
    transport: Transport,
    source: String,
    flow: Option<u64>,
    call_id: String,
    cseq: u32,
    taken: Instant,
    ends: Instant,
}

/// A REGISTER that was authenticated.
#[derive(Debug)]
pub(crate) struct Update<'a> {
    pub(crate) registrar: usize,
    pub(crate) user: &'a str,
    pub(crate) contacts: &'a Contacts,
    pub(crate) expires: Option<u32>,
    pub(crate) call_id: &'a str,
    pub(crate) cseq: u32,
    pub(crate) transport: Transport,
    pub(crate) source: String,
    /// The connection it came by.
    pub(crate) flow: Option<u64>,
}

/// One contact that is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) uri: String,
    pub(crate) parameters: String,
    pub(crate) seconds_left: u64,
}

/// Why a REGISTER changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 400: `*` beside other contacts, or without expiry 0.
    Malformed,
    /// 423: the expiry is below the minimum.
    TooBrief,
    /// 500: a `CSeq` that does not go up inside one `Call-ID`.
    OutOfOrder,
}

/// All bindings of both data centres; [`Settings::shared_location`] says whether they see each other's.
#[derive(Debug, Default)]
pub(crate) struct Location {
    rows: Vec<Row>,
}

impl Location {
    /// Serves a REGISTER, all of it or nothing, and returns each contact bound.
    pub(crate) fn register(
        &mut self,
        update: &Update<'_>,
        settings: &Settings,
        now: Instant,
    ) -> Result<Vec<Bound>, Refusal> {
        self.forget_expired(now);
        let visible = |row: &Row| {
            row.user == update.user
                && (settings.shared_location || datacentre_of(row.registrar) == datacentre_of(update.registrar))
        };
        let in_order = |row: &Row| row.call_id != update.call_id || row.cseq < update.cseq;
        let mut rows = self.rows.clone();
        match update.contacts {
            Contacts::All if update.expires != Some(0) => return Err(Refusal::Malformed),
            Contacts::All => {
                if !rows.iter().filter(|row| visible(row)).all(in_order) {
                    return Err(Refusal::OutOfOrder);
                }
                rows.retain(|row| !visible(row));
            }
            Contacts::These(entries) => {
                for contact in entries {
                    let granted = grant(contact, update, settings)?;
                    let same = |row: &Row| visible(row) && row.contact.key == contact.key;
                    if !self.rows.iter().filter(|row| same(row)).all(in_order) {
                        return Err(Refusal::OutOfOrder);
                    }
                    rows.retain(|row| !same(row));
                    if granted > 0 {
                        rows.push(row(update, contact, now, granted));
                    }
                }
            }
        }
        self.rows = rows;
        Ok(self
            .rows
            .iter()
            .filter(|row| visible(row))
            .map(|row| Bound {
                uri: row.contact.uri.clone(),
                parameters: row.contact.parameters.clone(),
                seconds_left: seconds_left(row, now).ceil() as u64,
            })
            .collect())
    }

    /// The bindings of one user, or all, oldest first.
    pub(crate) fn list(&mut self, user: Option<&str>, now: Instant) -> Vec<Binding> {
        self.forget_expired(now);
        self.rows
            .iter()
            .filter(|row| user.is_none_or(|user| row.user == user))
            .map(|row| Binding {
                user: row.user.clone(),
                contact: row.contact.uri.clone(),
                parameters: row.contact.parameters.clone(),
                registrar: REGISTRARS[row.registrar].to_owned(),
                datacentre: datacentre_of(row.registrar),
                transport: row.transport,
                source: row.source.clone(),
                call_id: row.call_id.clone(),
                cseq: row.cseq,
                expires_in: seconds_left(row, now),
            })
            .collect()
    }

    /// Makes one table of two: of each contact that both have, the later binding stays.
    pub(crate) fn merge(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by_key(|row| std::cmp::Reverse(row.taken));
        for row in rows {
            let known = |other: &Row| other.user == row.user && other.contact.key == row.contact.key;
            if !self.rows.iter().any(known) {
                self.rows.push(row);
            }
        }
        self.rows.reverse();
    }

    pub(crate) fn clear(&mut self) {
        self.rows.clear();
    }

    /// Forgets what was bound by one connection.
    pub(crate) fn forget_flow(&mut self, flow: u64) {
        self.rows.retain(|row| row.flow != Some(flow));
    }

    fn forget_expired(&mut self, now: Instant) {
        self.rows.retain(|row| row.ends > now);
    }
}

fn grant(contact: &ContactEntry, update: &Update<'_>, settings: &Settings) -> Result<u32, Refusal> {
    let asked = contact.expires.or(update.expires).unwrap_or(DEFAULT_EXPIRES);
    if asked > 0 && asked < settings.min_expires {
        return Err(Refusal::TooBrief);
    }
    Ok(asked.min(settings.max_expires))
}

fn row(update: &Update<'_>, contact: &ContactEntry, now: Instant, granted: u32) -> Row {
    Row {
        user: update.user.to_owned(),
        contact: contact.clone(),
        registrar: update.registrar,
        transport: update.transport,
        source: update.source.clone(),
        flow: update.flow,
        call_id: update.call_id.to_owned(),
        cseq: update.cseq,
        taken: now,
        ends: now + Duration::from_secs(granted.into()),
    }
}

fn seconds_left(row: &Row, now: Instant) -> f64 {
    row.ends.saturating_duration_since(now).as_secs_f64()
}
