//! Following one phone: its reports become lines, and facts for the story to wait for.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Result;
use rehome_lab::phones::Phone;
use rehome_phone::Report;
use serde_json::{Value, json};

use crate::words::{self, Attempt, short};

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The beginning of a part of the story; it has no verb.
    Chapter,
    /// What was done to the lab.
    World,
    /// Neither good nor bad.
    Plain,
    /// In service, or on the way there.
    Good,
    /// Something failed.
    Bad,
}

/// One line of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Time since the story began.
    pub at: Duration,
    /// How it is meant.
    pub mark: Mark,
    /// What is done: `REGISTER`; empty in a chapter's line.
    pub verb: &'static str,
    /// To or by whom, and what came of it.
    pub text: String,
    /// The rule by which it was decided: `4.1`.
    pub rule: Option<String>,
}

/// One event of the core, with the story's own time.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) at: Duration,
    pub(crate) event: Value,
}

impl Fact {
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.event["type"] == kind
    }

    /// The target spelled in a field, cut to its first label.
    pub(crate) fn host(&self, name: &str) -> String {
        short(self.event[name].as_str().unwrap_or_default()).to_owned()
    }
}

/// A phone, and everything it has reported.
pub(crate) struct Follower<'a> {
    phone: Phone,
    dns: SocketAddr,
    began: Instant,
    tell: &'a mut (dyn FnMut(&Line) + Send),
    /// When each attempt or unregister began, by id.
    begun: HashMap<u64, (u64, Attempt)>,
    /// The last attempt at each target.
    attempts: HashMap<String, Attempt>,
    /// Events that the story has not looked at yet are from here on.
    seen: usize,
    pub(crate) facts: Vec<Fact>,
    /// Register actions: when, and at which registrar.
    pub(crate) registers: Vec<(Duration, String)>,
    /// SRV answers with records.
    pub(crate) srv_records: usize,
    /// The plan last reported, in order: priority and first label.
    pub(crate) plan: Vec<(u64, String)>,
    plan_is_new: bool,
}

impl<'a> Follower<'a> {
    pub(crate) fn new(phone: Phone, dns: SocketAddr, tell: &'a mut (dyn FnMut(&Line) + Send)) -> Self {
        Self {
            phone,
            dns,
            began: Instant::now(),
            tell,
            begun: HashMap::new(),
            attempts: HashMap::new(),
            seen: 0,
            facts: Vec::new(),
            registers: Vec::new(),
            srv_records: 0,
            plan: Vec::new(),
            plan_is_new: false,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn chapter(&mut self, title: &str) {
        self.say(Mark::Chapter, "", title.to_owned(), None);
    }

    pub(crate) fn world(&mut self, text: &str) {
        self.say(Mark::World, "LAB", text.to_owned(), None);
    }

    fn say(&mut self, mark: Mark, verb: &'static str, text: String, rule: Option<String>) {
        let line = Line { at: self.now(), mark, verb, text, rule };
        (self.tell)(&line);
    }

    pub(crate) async fn command(&mut self, command: &str) -> Result<()> {
        self.phone.send(&json!({ "command": command })).await
    }

    /// The next event from here on for which `wanted` holds; `None` if there is none within `limit`.
    pub(crate) async fn until(&mut self, limit: Duration, wanted: impl Fn(&Fact) -> bool) -> Result<Option<Fact>> {
        let end = Instant::now() + limit;
        loop {
            while let Some(fact) = self.facts.get(self.seen) {
                self.seen += 1;
                if wanted(fact) {
                    return Ok(Some(fact.clone()));
                }
            }
            let Some(left) = end.checked_duration_since(Instant::now()) else { return Ok(None) };
            if let Some(report) = self.phone.next_event(left).await? {
                self.take(report);
            }
        }
    }

    /// Takes what the phone has to say at this moment.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        while let Some(report) = self.phone.next_event(Duration::from_millis(50)).await? {
            self.take(report);
        }
        Ok(())
    }

    /// Waits until the plan is known and told.
    pub(crate) async fn until_plan(&mut self) -> Result<()> {
        while self.plan_is_new || self.plan.is_empty() {
            match self.phone.next_event(Duration::from_secs(1)).await? {
                Some(report) => self.take(report),
                None => break,
            }
        }
        Ok(())
    }

    fn take(&mut self, report: Value) {
        let Ok(report) = serde_json::from_value::<Report>(report.clone()) else {
            return self.say(Mark::Bad, "PHONE", format!("said what nobody understands: {report}"), None);
        };
        match report {
            Report::Ready { .. } => {}
            Report::Action { at_ms, action } => self.action(at_ms, &action),
            Report::Answer { answer, .. } => {
                if let rehome::Answer::Srv { records, .. } = &answer {
                    self.srv_records = records.len();
                }
                self.say(Mark::Plain, "ANSWER", words::answer(&answer, self.dns), Some("1.2".into()));
            }
            Report::Outcome { at_ms, id, .. } => {
                if let Some((began, attempt)) = self.begun.get(&u64::from(id.get())) {
                    let attempt = Attempt { took_ms: at_ms.saturating_sub(*began), ..attempt.clone() };
                    self.attempts.insert(attempt.target.clone(), attempt);
                }
            }
            Report::Event { at_ms, event } => self.event(at_ms, event),
            Report::Status { status, .. } => self.status(&status),
            Report::Error { error, .. } => self.say(Mark::Bad, "PHONE", error, None),
        }
    }

    fn action(&mut self, at_ms: u64, action: &Value) {
        let target = action["target"].as_str().unwrap_or_default().to_owned();
        match action["type"].as_str() {
            Some("lookup") => {
                let text = format!("{} at {}", action["name"].as_str().unwrap_or("?"), self.dns);
                self.say(Mark::Plain, "LOOKUP", text, Some("1.2".into()));
            }
            Some("register") => {
                let attempt =
                    Attempt { target: target.clone(), number: action["attempt"].as_u64().unwrap_or(1), took_ms: 0 };
                self.registers.push((self.now(), short(&target).to_owned()));
                self.begun.insert(action["id"].as_u64().unwrap_or_default(), (at_ms, attempt.clone()));
                self.attempts.insert(target, attempt);
            }
            // Given up: how long it took is known now.
            Some("cancel") => {
                if let Some((began, attempt)) = self.begun.get(&action["id"].as_u64().unwrap_or_default()) {
                    let attempt = Attempt { took_ms: at_ms.saturating_sub(*began), ..attempt.clone() };
                    self.attempts.entry(attempt.target.clone()).and_modify(|last| last.took_ms = attempt.took_ms);
                }
            }
            _ => {}
        }
    }

    fn event(&mut self, at_ms: u64, event: Value) {
        let target = event["target"].as_str().unwrap_or_default();
        let mut attempt = self.attempts.get(target).cloned().unwrap_or_default();
        if attempt.took_ms == 0 {
            // Timed out just now: the cancel action is reported after the event.
            let began = self.begun.values().filter(|(_, begun)| begun.target == target).map(|(began, _)| *began).max();
            attempt.took_ms = at_ms.saturating_sub(began.unwrap_or(at_ms));
        }
        let (verb, text, mark) = words::event(&event, &attempt);
        self.plan_is_new |= event["type"] == "planChanged";
        if event["type"] != "planChanged" {
            self.say(mark, verb, text, event["rule"].as_str().map(str::to_owned));
        }
        self.facts.push(Fact { at: self.now(), event });
    }

    fn status(&mut self, status: &Value) {
        let entries = status["plan"].as_array().into_iter().flatten();
        self.plan = entries
            .map(|entry| {
                let target = entry["target"].as_str().unwrap_or_default();
                (entry["priority"].as_u64().unwrap_or_default(), short(target).to_owned())
            })
            .collect();
        if std::mem::take(&mut self.plan_is_new) && !self.plan.is_empty() {
            let tiers: Vec<String> = self
                .plan
                .chunk_by(|a, b| a.0 == b.0)
                .map(|tier| tier.iter().map(|(_, host)| host.as_str()).collect::<Vec<_>>().join(", "))
                .collect();
            let text = format!("{}; inside a tier the order is drawn by weight", tiers.join(", then "));
            self.say(Mark::Plain, "PLAN", text, Some("2.2".into()));
        }
    }
}
