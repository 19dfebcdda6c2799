//! The loop around the core: what happens goes in, what is to be done comes out, and one timer.

use std::collections::HashMap;
use std::future::pending;
use std::time::{Duration, Instant};

use rehome::{Action, Error, Id, Input, Registration, State, Step, TargetId, Time};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::AbortHandle;

use crate::command::Command;
use crate::dns::Resolver;
use crate::options::Options;
use crate::report::{self, Report};
use crate::sip::{Agent, Job};

/// How long a phone whose commands have ended may take to unregister.
const GOODBYE: Duration = Duration::from_secs(10);

/// Runs a phone until its commands end; then it stops as if told to, and returns.
///
/// The error is the core's: a configuration that cannot be.
pub async fn run(
    options: Options,
    mut commands: UnboundedReceiver<Command>,
    reports: UnboundedSender<Report>,
) -> Result<(), Error> {
    let (inputs, mut happened) = mpsc::unbounded_channel();
    let user = options.user.clone();
    let mut phone = Phone::new(options, inputs, reports)?;
    phone.say(|at_ms| Report::Ready { at_ms, user });
    let mut last_words: Option<tokio::time::Instant> = None;
    while last_words.is_none() || !phone.is_stopped() {
        let wake = phone.wake();
        tokio::select! {
            command = commands.recv(), if last_words.is_none() => match command {
                Some(command) => phone.obey(command),
                None => {
                    last_words = Some(tokio::time::Instant::now() + GOODBYE);
                    phone.feed(Input::Stop);
                }
            },
            Some(input) = happened.recv() => phone.feed(input),
            () = until(wake) => phone.feed(Input::Wake),
            () = until(last_words) => break,
        }
    }
    Ok(())
}

async fn until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => pending().await,
    }
}

struct Phone {
    registration: Registration,
    /// Reused from step to step.
    step: Step,
    began: Instant,
    resolver: Resolver,
    agent: Agent,
    lookups: HashMap<Id, AbortHandle>,
    inputs: UnboundedSender<Input>,
    reports: UnboundedSender<Report>,
    shown: Option<(State, Option<TargetId>, bool)>,
}

impl Phone {
    fn new(options: Options, inputs: UnboundedSender<Input>, reports: UnboundedSender<Report>) -> Result<Self, Error> {
        let resolver = Resolver::new(options.dns);
        Ok(Self {
            agent: Agent::new(&options, resolver, inputs.clone()),
            registration: Registration::new(options.config, options.seed)?,
            step: Step::default(),
            began: Instant::now(),
            resolver,
            lookups: HashMap::new(),
            inputs,
            reports,
            shown: None,
        })
    }

    fn now(&self) -> Time {
        Time::from_millis(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn wake(&self) -> Option<tokio::time::Instant> {
        let wake = Duration::from_millis(self.step.wake?.as_millis());
        Some(tokio::time::Instant::from_std(self.began.checked_add(wake)?))
    }

    fn is_stopped(&self) -> bool {
        self.registration.status(self.now()).state == State::Stopped
    }

    fn say(&self, what: impl FnOnce(u64) -> Report) {
        // Nobody listening is no reason to stop registering.
        let _ = self.reports.send(what(self.now().as_millis()));
    }

    fn obey(&mut self, command: Command) {
        if matches!(command, Command::NetworkDown | Command::NetworkChanged) {
            self.agent.drop_flows();
        }
        match command.input() {
            Some(input) => self.feed(input),
            None => self.show_status(),
        }
    }

    /// One step of the core, and everything it asks for.
    fn feed(&mut self, input: Input) {
        match &input {
            Input::Answer { id, answer } => {
                self.lookups.remove(id);
                self.say(|at_ms| Report::Answer { at_ms, id: *id, answer: answer.clone() });
            }
            Input::Outcome { id, outcome } => {
                self.agent.ended(*id);
                self.say(|at_ms| Report::Outcome { at_ms, id: *id, outcome: *outcome });
            }
            _ => {}
        }
        let now = self.now();
        let mut step = std::mem::take(&mut self.step);
        if let Err(error) = self.registration.step(input, now, &mut step) {
            self.say(|at_ms| Report::Error { at_ms, error: error.to_string() });
            // Nothing was changed; a wake-up brings the deadline back.
            step = Step::default();
            let _ = self.registration.step(Input::Wake, now, &mut step);
        }
        for event in &step.events {
            self.say(|at_ms| Report::Event { at_ms, event: report::event(event, &self.registration) });
        }
        for action in &step.actions {
            self.say(|at_ms| Report::Action { at_ms, action: report::action(action, &self.registration) });
            self.act(action);
        }
        self.step = step;
        let status = self.registration.status(now);
        let showing = (status.state, status.home.map(|home| home.id), status.primary);
        if self.shown != Some(showing) {
            self.shown = Some(showing);
            self.show_status();
        }
    }

    fn show_status(&self) {
        let status = self.registration.status(self.now());
        self.say(|at_ms| Report::Status { at_ms, status: report::status(&status, &self.registration) });
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Lookup { id, name, kind, .. } => {
                let (id, name, kind) = (*id, name.clone(), *kind);
                let (resolver, inputs) = (self.resolver, self.inputs.clone());
                let task = tokio::spawn(async move {
                    let answer = resolver.lookup(&name, kind).await;
                    let _ = inputs.send(Input::Answer { id, answer });
                });
                self.lookups.insert(id, task.abort_handle());
            }
            Action::Register { id, target, address, binding, expires, .. } => {
                if let Some(target) = self.registration.target(*target) {
                    let (target, expires) = (target.clone(), expires.get());
                    self.agent.begin(Job { id: *id, target, address: *address, binding: *binding, expires });
                }
            }
            Action::Unregister { id, target, address, binding, .. } => {
                if let Some(target) = self.registration.target(*target) {
                    let target = target.clone();
                    self.agent.begin(Job { id: *id, target, address: *address, binding: *binding, expires: 0 });
                }
            }
            Action::Cancel { id } => match self.lookups.remove(id) {
                Some(lookup) => lookup.abort(),
                None => self.agent.cancel(*id),
            },
        }
    }
}
