//! Faults of the DNS server: what goes wrong, for which name, in which view.

use hickory_server::proto::rr::Name;
use serde::{Deserialize, Serialize};

use crate::fault::valid_delay;

/// What the DNS server does instead of answering rightly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DnsFaultKind {
    /// Response code SERVFAIL.
    Servfail,
    /// Response code REFUSED.
    Refused,
    /// Response code NXDOMAIN, with the zone's SOA.
    Nxdomain,
    /// No error and no records, with the zone's SOA.
    Empty,
    /// No answer.
    Silent,
    /// Over UDP: no records and the TC bit. Over TCP: the right answer.
    Truncate,
    /// The right answer, late.
    Delay,
}

/// One fault of the DNS server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DnsFault {
    /// The name asked for; `None`: every name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The view, 1 or 2; `None`: both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<u8>,
    /// What goes wrong.
    pub kind: DnsFaultKind,
    /// The delay in milliseconds, for [`DnsFaultKind::Delay`] alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

impl DnsFault {
    /// A sentence about the first value that cannot be.
    pub(crate) fn validate(&self) -> Result<(), String> {
        valid_view(self.view)?;
        self.name.as_deref().map(super::name).transpose()?;
        match (self.kind, self.ms) {
            (DnsFaultKind::Delay, Some(ms)) => valid_delay("DNS fault delay", ms),
            (DnsFaultKind::Delay, None) => Err("DNS fault delay: ms is missing; add \"ms\": 700 (milliseconds)".into()),
            (kind, Some(ms)) => Err(format!("DNS fault {kind:?}: ms {ms} means nothing there; leave it out")),
            _ => Ok(()),
        }
    }
}

/// A sentence if there is no such view.
pub(crate) fn valid_view(view: Option<u8>) -> Result<(), String> {
    match view {
        None | Some(1 | 2) => Ok(()),
        Some(other) => Err(format!("view {other} does not exist; choose 1 or 2 (data centre)")),
    }
}

/// The faults in force. The most particular one counts: a name's before all names', a view's before both views'.
#[derive(Debug, Default)]
pub(crate) struct DnsFaults {
    rules: Vec<(Option<Name>, DnsFault)>,
}

impl DnsFaults {
    /// Adds a fault in place of one for the same name and view.
    pub(crate) fn set(&mut self, fault: DnsFault) -> Result<(), String> {
        fault.validate()?;
        let name = fault.name.as_deref().map(super::name).transpose()?;
        self.rules.retain(|(known, rule)| (known, rule.view) != (&name, fault.view));
        self.rules.push((name, fault));
        Ok(())
    }

    /// Removes what `name` and `view` select: without a name every name, without a view every view.
    pub(crate) fn mend(&mut self, name: Option<&str>, view: Option<u8>) -> Result<(), String> {
        valid_view(view)?;
        let name = name.map(super::name).transpose()?;
        self.rules.retain(|(known, rule)| {
            let selected = (name.is_none() || *known == name) && (view.is_none() || rule.view == view);
            !selected
        });
        Ok(())
    }

    pub(crate) fn find(&self, asked: &Name, view: u8) -> Option<&DnsFault> {
        self.rules
            .iter()
            .filter(|(name, rule)| {
                name.as_ref().is_none_or(|name| name == asked) && rule.view.is_none_or(|v| v == view)
            })
            .max_by_key(|(name, rule)| (name.is_some(), rule.view.is_some()))
            .map(|(_, rule)| rule)
    }

    pub(crate) fn list(&self) -> Vec<DnsFault> {
        self.rules.iter().map(|(_, rule)| rule.clone()).collect()
    }
}
