//! The story itself, part by part.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Error, Result};
use rehome::{Config, Millis, Seconds, Transport};
use rehome_lab::phones::Phone;
use rehome_lab::{Control, DOMAIN, PASSWORD, SipFault};

use crate::evidence::{RegistrarRow, count};
use crate::follow::{Fact, Follower, Line};

/// How a phone is started: any program that takes the commands and reports as the native one does.
#[derive(Clone, Debug)]
pub struct PhoneProgram {
    /// The program.
    pub program: PathBuf,
    /// What comes before the phone's own arguments.
    pub arguments: Vec<OsString>,
}

/// What is played.
#[derive(Clone, Debug)]
pub struct Story {
    /// The phone.
    pub phone: PhoneProgram,
    /// The user it registers; faults are set for this user alone, so that stories can be played side by side.
    pub user: String,
    /// UDP, TCP or TLS.
    pub transport: Transport,
    /// The DNS view of data centre 1.
    pub dns: SocketAddr,
    /// Divides the story's time-outs; what cannot be shorter stays.
    pub speed: u32,
    /// The phone's seed: which registrar of a tier comes first.
    pub seed: u64,
}

/// One part of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What should happen.
    pub title: &'static str,
    /// Why it did not; `None` if it did.
    pub missing: Option<String>,
}

/// How it came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Every part, in order.
    pub parts: Vec<Part>,
    /// From the death of data centre 1 until data centre 2 accepted the phone.
    pub out_of_service: Option<Duration>,
    /// REGISTERs the core asked for, unregisters aside.
    pub registers: usize,
    /// What each registrar saw; `seen_ms` counts from the beginning of the story.
    pub rows: Vec<RegistrarRow>,
    /// The registrars that hold a binding at the end, once for each binding.
    pub bound: Vec<String>,
    /// How long the story took.
    pub took: Duration,
}

impl Ending {
    /// Whether every part happened.
    #[must_use]
    pub fn is_happy(&self) -> bool {
        self.parts.iter().all(|part| part.missing.is_none())
    }
}

const TITLES: [&str; 10] = [
    "The phone looks its SRV records up",
    "It registers at a primary of data centre 1",
    "It refreshes there",
    "Data centre 1 dies: three failures at home",
    "It rolls over inside the tier: three failures there, too",
    "It rolls over across the tiers and registers at data centre 2",
    "Data centre 1 returns, and the phone stays where it is served",
    "A new agent login brings it home",
    "The old binding is removed",
    "The registrars saw the same",
];

/// Why the story does not go on.
enum Stop {
    /// Something that should have happened did not.
    Missed(String),
    /// The lab or the phone's process failed.
    Broken(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// Plays the story in a running lab and tells it line by line.
///
/// # Errors
/// The phone cannot be started, or the lab refuses a command. What merely did not happen is in the [`Ending`].
pub async fn play(story: &Story, control: &Control, tell: &mut (dyn FnMut(&Line) + Send)) -> Result<Ending> {
    let config = config(story);
    let folder = std::env::temp_dir().join(format!("rehome-demo-{}-{}", std::process::id(), story.user));
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let file = folder.join("config.json");
    let written = std::fs::write(&file, serde_json::to_vec(&config)?);
    written.with_context(|| format!("{} cannot be written", file.display()))?;
    let mut files = vec!["--config".into(), file.into_os_string()];
    if story.transport == Transport::Tls {
        let ca = folder.join("ca.pem");
        let written = std::fs::write(&ca, control.ca_pem());
        written.with_context(|| format!("{} cannot be written", ca.display()))?;
        files.extend(["--ca".into(), ca.into_os_string()]);
    }
    let result = play_with(story, &config, &files, control, tell).await;
    let _ = std::fs::remove_dir_all(&folder);
    result
}

async fn play_with(
    story: &Story,
    config: &Config,
    files: &[OsString],
    control: &Control,
    tell: &mut (dyn FnMut(&Line) + Send),
) -> Result<Ending> {
    let own = ["--user", &story.user, "--password", PASSWORD, "--dns", &story.dns.to_string()].map(OsString::from);
    let seed = ["--seed", &story.seed.to_string()].map(OsString::from);
    let arguments = story.phone.arguments.iter().chain(&own).chain(&seed).chain(files);
    let phone = Phone::spawn(&story.phone.program, arguments)?;
    let log_began = control.log(Some(&story.user)).len();
    let mut stage = Stage {
        story,
        control,
        attempt: Duration::from_millis(config.rollover.attempt_timeout.get()),
        refresh: Duration::from_millis(config.refresh.interval.unwrap_or_default().get()),
        phone: Follower::new(phone, story.dns, tell),
        reached: 0,
        log_began,
        first: String::new(),
        second: String::new(),
        away: String::new(),
        out_of_service: None,
    };
    let missed = match stage.all().await {
        Ok(()) => None,
        Err(Stop::Missed(why)) => Some(why),
        Err(Stop::Broken(error)) => return Err(error),
    };
    let ending = stage.ending(missed);
    // Manners: unregister before leaving. Nothing depends on it.
    stage.phone.chapter("The phone unregisters and leaves");
    if stage.phone.command("stop").await.is_ok() {
        let _ = stage.phone.until(Duration::from_secs(7), |fact| fact.is("stopped")).await;
    }
    Ok(ending)
}

/// The story's configuration: the policy's defaults, with time-outs short enough to watch.
fn config(story: &Story) -> Config {
    let mut config =
        Config { srv_record: Some(format!("_sip._{}.{DOMAIN}", story.transport.as_str())), ..Config::default() };
    config.rollover.attempt_timeout = Millis::from_secs(3);
    config.rollover.retry_interval = Millis::from_secs(3);
    config.refresh.expires = Seconds::new(120);
    config.refresh.interval = Some(Millis::from_secs(6));
    rehome_phone::faster(&mut config, story.speed);
    config
}

struct Stage<'a> {
    story: &'a Story,
    control: &'a Control,
    attempt: Duration,
    refresh: Duration,
    phone: Follower<'a>,
    /// How many parts have begun.
    reached: usize,
    /// How long the user's log was before.
    log_began: usize,
    /// The first home.
    first: String,
    /// The other registrar of data centre 1.
    second: String,
    /// Home in data centre 2.
    away: String,
    out_of_service: Option<Duration>,
}

impl Stage<'_> {
    async fn all(&mut self) -> Result<(), Stop> {
        self.look_up().await?;
        self.register().await?;
        self.refreshed().await?;
        self.home_dies().await?;
        self.inside_the_tier().await?;
        self.across_the_tiers().await?;
        self.stays().await?;
        self.login().await?;
        self.old_binding().await?;
        self.evidence().await
    }

    /// Begins the next part, once what the phone says at this moment has been told.
    async fn begin(&mut self) -> Result<(), Stop> {
        self.phone.settle().await?;
        self.go_on()
    }

    /// Begins the next part in the middle of what the phone says.
    fn go_on(&mut self) -> Result<(), Stop> {
        let title = TITLES[self.reached];
        self.reached += 1;
        self.phone.chapter(title);
        Ok(())
    }

    /// Waits for an event; `what` says what was missed if it does not come.
    async fn wait(&mut self, limit: Duration, what: &str, wanted: impl Fn(&Fact) -> bool) -> Result<Fact, Stop> {
        let limit = limit + Duration::from_secs(5);
        match self.phone.until(limit, wanted).await? {
            Some(fact) => Ok(fact),
            None => Err(Stop::Missed(format!("{what} was waited for, {} s, in vain", limit.as_secs()))),
        }
    }

    fn ensure(&self, holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Stop> {
        if holds { Ok(()) } else { Err(Stop::Missed(otherwise())) }
    }

    fn bound(&self) -> Vec<String> {
        self.control.bindings(Some(&self.story.user)).into_iter().map(|binding| binding.registrar).collect()
    }

    async fn look_up(&mut self) -> Result<(), Stop> {
        self.begin().await?;
        self.phone.command("start").await?;
        self.wait(Duration::from_secs(5), "a plan from DNS", |fact| fact.is("planChanged")).await?;
        let found = self.phone.srv_records;
        self.ensure(found == 4, || format!("DNS gave {found} SRV records instead of 4"))
    }

    async fn register(&mut self) -> Result<(), Stop> {
        self.phone.until_plan().await?;
        self.go_on()?;
        let registered = self.wait(self.attempt * 3, "a success", |fact| fact.is("registered")).await?;
        self.first = registered.host("target");
        let first = self.first.clone();
        self.ensure(first.starts_with("dc1-"), || format!("it registered at {first}, which is not in data centre 1"))?;
        let bound = self.bound();
        self.ensure(bound == [first.clone()], || format!("bindings are at {bound:?} instead of {first}"))
    }

    async fn refreshed(&mut self) -> Result<(), Stop> {
        self.begin().await?;
        self.refresh_at(&self.first.clone()).await
    }

    async fn refresh_at(&mut self, home: &str) -> Result<(), Stop> {
        let limit = self.refresh + self.attempt;
        let is_refresh = |fact: &Fact| fact.is("refreshed") && fact.host("target") == home;
        self.wait(limit, &format!("a refresh at {home}"), is_refresh).await?;
        Ok(())
    }

    async fn three_failures(&mut self, of: impl Fn(&str) -> bool, what: &str) -> Result<String, Stop> {
        let limit = self.refresh + self.attempt * 3;
        let mut target = String::new();
        for streak in 1..=3_u64 {
            let what = format!("failure {streak} {what}");
            let failed = |fact: &Fact| {
                let host = fact.host("target");
                fact.is("attemptFailed") && fact.event["streak"] == streak && of(&host)
            };
            target = self.wait(limit, &what, failed).await?.host("target");
        }
        Ok(target)
    }

    async fn home_dies(&mut self) -> Result<(), Stop> {
        self.begin().await?;
        self.phone.world("data centre 1 falls silent: it takes every packet and answers none");
        self.fault(Some(SipFault::Silent)).await?;
        let died = self.phone.now();
        self.out_of_service = Some(died);
        let first = self.first.clone();
        self.three_failures(|host| host == first, &format!("at {first}")).await?;
        self.wait(self.attempt, "the loss of home", |fact| fact.is("homeLost") && fact.host("target") == first).await?;
        Ok(())
    }

    async fn fault(&mut self, fault: Option<SipFault>) -> Result<(), Stop> {
        let done = self.control.fault_datacentre(1, Some(&self.story.user), fault).await;
        done.map_err(|error| Stop::Broken(error.into()))
    }

    async fn inside_the_tier(&mut self) -> Result<(), Stop> {
        self.begin().await?;
        let first = self.first.clone();
        let other = |host: &str| host.starts_with("dc1-") && host != first;
        self.second = self.three_failures(other, "at the other registrar of data centre 1").await?;
        Ok(())
    }

    async fn across_the_tiers(&mut self) -> Result<(), Stop> {
        self.go_on()?;
        let second = self.second.clone();
        let across =
            |fact: &Fact| fact.is("rolledOver") && fact.host("from") == second && fact.host("to").starts_with("dc2-");
        let rolled = self.wait(self.attempt, "a rollover to data centre 2", across).await?;
        self.ensure(rolled.event["rule"] == "4.1", || format!("it was by rule {}, not 4.1", rolled.event["rule"]))?;
        let away = |fact: &Fact| fact.is("registered") && fact.host("target").starts_with("dc2-");
        let registered = self.wait(self.attempt * 3, "a success at data centre 2", away).await?;
        self.out_of_service = self.out_of_service.map(|died| registered.at.saturating_sub(died));
        self.away = registered.host("target");
        let (away, bound) = (self.away.clone(), self.bound());
        self.ensure(bound.contains(&away), || format!("bindings are at {bound:?}, none at {away}"))
    }

    async fn stays(&mut self) -> Result<(), Stop> {
        self.begin().await?;
        self.phone.world("data centre 1 answers again; nobody tells the phone");
        self.fault(None).await?;
        let before = self.phone.registers.len();
        let away = self.away.clone();
        self.refresh_at(&away).await?;
        let strayed: Vec<String> = self
            .phone
            .registers
            .iter()
            .skip(before)
            .map(|(_, host)| host.clone())
            .filter(|host| *host != away)
            .collect();
        self.ensure(strayed.is_empty(), || format!("it also tried {}", strayed.join(", ")))
    }

    async fn login(&mut self) -> Result<(), Stop> {
        self.begin().await?;
        self.phone.world("an agent logs in at the phone");
        self.phone.command("login").await?;
        let away = self.away.clone();
        let left =
            |fact: &Fact| fact.is("homeLeft") && fact.host("from") == away && fact.host("to").starts_with("dc1-");
        let home = self.wait(self.attempt * 3, "a move of home to data centre 1", left).await?.host("to");
        let back = |fact: &Fact| fact.is("registered") && fact.host("target") == home;
        self.wait(self.attempt, &format!("a success at {home}"), back).await?;
        self.first = home;
        Ok(())
    }

    async fn old_binding(&mut self) -> Result<(), Stop> {
        self.go_on()?;
        let (away, home) = (self.away.clone(), self.first.clone());
        let removed = |fact: &Fact| fact.is("unregistered") && fact.host("target") == away;
        let removed = self.wait(self.attempt * 2, &format!("an unregister at {away}"), removed).await?;
        self.ensure(removed.event["confirmed"] == true, || format!("{away} did not confirm it"))?;
        // Rule 6.7c: the proxies may front one registrar, so home is confirmed at once.
        self.refresh_at(&home).await?;
        let bound = self.bound();
        self.ensure(bound == [home.clone()], || format!("bindings are at {bound:?}, should be one at {home}"))
    }

    async fn evidence(&mut self) -> Result<(), Stop> {
        self.begin().await?;
        let rows = self.rows();
        let (first, second, away) = (&self.first, &self.second, &self.away);
        let saw = |name: &str| rows.iter().find(|row| row.registrar == name).cloned().unwrap_or_default();
        let home = saw(first);
        self.ensure(home.accepted >= 3 && home.unanswered >= 3, || format!("{first} saw {home:?}"))?;
        let other = saw(second);
        self.ensure(other.unanswered >= 3 && other.accepted == 0, || format!("{second} saw {other:?}"))?;
        let secondary = saw(away);
        self.ensure(secondary.accepted >= 2 && secondary.removed == 1, || format!("{away} saw {secondary:?}"))?;
        // One REGISTER more for each challenge, and the unregister.
        let seen: usize = rows.iter().map(|row| row.registers - row.challenged).sum();
        let sent = self.phone.registers.len() + 1;
        self.ensure(seen == sent, || format!("the phone sent {sent} REGISTERs, and the registrars saw {seen}"))?;
        let challenged: usize = rows.iter().map(|row| row.challenged).sum();
        self.phone.world(&format!(
            "all {seen} REGISTERs that the phone reports arrived, and {challenged} were challenged first"
        ));
        Ok(())
    }

    fn rows(&self) -> Vec<RegistrarRow> {
        let log = self.control.log(Some(&self.story.user));
        count(log.get(self.log_began..).unwrap_or_default())
    }

    fn ending(&self, missed: Option<String>) -> Ending {
        let parts = TITLES.iter().enumerate().map(|(index, title)| {
            let missing = match &missed {
                Some(_) if index >= self.reached => Some("the story did not come that far".into()),
                Some(why) if index + 1 == self.reached => Some(why.clone()),
                _ => None,
            };
            Part { title, missing }
        });
        let mut rows = self.rows();
        // The lab's clock and the story's: the first REGISTER is on both.
        let first = rows.iter().filter_map(|row| row.seen_ms).map(|(first, _)| first).min().unwrap_or_default();
        let told = self.phone.registers.first().map_or(0, |(at, _)| u64::try_from(at.as_millis()).unwrap_or(0));
        for row in &mut rows {
            row.seen_ms = row.seen_ms.map(|(from, to)| (from - first + told, to - first + told));
        }
        Ending {
            parts: parts.collect(),
            out_of_service: self.out_of_service.filter(|_| !self.away.is_empty()),
            registers: self.phone.registers.len(),
            rows,
            bound: self.bound(),
            took: self.phone.now(),
        }
    }
}
