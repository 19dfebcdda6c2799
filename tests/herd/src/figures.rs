//! What is counted: requests, lookups, and who is without service.

use std::fmt;

/// Requests and services since the account began.
#[derive(Debug)]
pub struct Log {
    /// When each REGISTER was sent, with or without an expiry of 0; ascending.
    pub requests: Vec<u64>,
    /// When each lookup was sent; ascending.
    pub lookups: Vec<u64>,
    from: u64,
    phones: Vec<Service>,
    out: usize,
}

#[derive(Clone, Copy, Debug)]
struct Service {
    now: bool,
    was_out: bool,
    back: u64,
}

const IN_SERVICE: Service = Service { now: true, was_out: false, back: 0 };

/// How a herd recovered.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// How many phones were without service, and how many still are.
    pub out: usize,
    /// Those that did not come back in the time that they were given.
    pub still_out: usize,
    /// REGISTERs sent from the fault until the last phone was back.
    pub requests: usize,
    /// The most of them within any one second.
    pub peak: u64,
    /// Their number by that time (a second at least), a second.
    pub mean: f64,
    /// The most lookups within any one second.
    pub lookups: u64,
    /// When half of the phones were back, in milliseconds from the fault.
    pub half: u64,
    /// When 99 % were.
    pub most: u64,
    /// When the last one was.
    pub last: u64,
    /// The most REGISTERs within any one second of the ten minutes after that.
    pub echo: u64,
    /// REGISTERs a second over that time, drawn in one line.
    pub curve: String,
}

impl Figures {
    /// Peak over mean.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        if self.requests == 0 { 0.0 } else { self.peak as f64 / self.mean }
    }
}

/// How many columns a curve has at most.
const COLUMNS: u64 = 60;
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Log {
    /// An account of so many phones.
    #[must_use]
    pub fn new(phones: usize) -> Self {
        Self { requests: Vec::new(), lookups: Vec::new(), from: 0, phones: vec![IN_SERVICE; phones], out: 0 }
    }

    /// Forgets all: the fault is now.
    pub fn begin(&mut self, now: u64) {
        self.requests.clear();
        self.lookups.clear();
        self.from = now;
        self.phones.fill(IN_SERVICE);
        self.out = 0;
    }

    /// Whether that phone is in service.
    pub fn note(&mut self, phone: usize, serves: bool, now: u64) {
        let service = &mut self.phones[phone];
        match (service.now, serves) {
            (true, false) => {
                service.was_out = true;
                self.out += 1;
            }
            (false, true) => {
                service.back = now;
                self.out -= 1;
            }
            _ => return,
        }
        service.now = serves;
    }

    /// How many phones are without service.
    #[must_use]
    pub fn out(&self) -> usize {
        self.out
    }

    /// The most requests within a second, from a time to another (in milliseconds from the fault).
    #[must_use]
    pub fn peak(&self, from: u64, to: u64) -> u64 {
        peak(&self.requests, self.from + from, self.from + to)
    }

    /// The account until now.
    #[must_use]
    pub fn figures(&self, now: u64) -> Figures {
        let mut back: Vec<u64> =
            self.phones.iter().filter(|phone| phone.was_out && phone.now).map(|phone| phone.back - self.from).collect();
        back.sort_unstable();
        let share = |percent: usize| back.get((back.len() * percent).div_ceil(100).max(1) - 1).copied();
        let last = if self.out > 0 { now - self.from } else { share(100).unwrap_or_default() };
        let end = self.from + last;
        let requests = self.requests.iter().filter(|at| **at <= end).count();
        let window = last.max(1000);
        Figures {
            out: back.len() + self.out,
            still_out: self.out,
            requests,
            peak: peak(&self.requests, self.from, end),
            mean: requests as f64 * 1000.0 / window as f64,
            lookups: peak(&self.lookups, self.from, end),
            half: share(50).unwrap_or_default(),
            most: share(99).unwrap_or_default(),
            last,
            echo: 0,
            curve: self.curve(window),
        }
    }

    fn curve(&self, window: u64) -> String {
        let column = window.div_ceil(COLUMNS).next_multiple_of(1000);
        let mut counts = vec![0_u64; window.div_ceil(column) as usize];
        for at in &self.requests {
            if let Some(count) = counts.get_mut(((at - self.from) / column) as usize) {
                *count += 1;
            }
        }
        let most = counts.iter().copied().max().unwrap_or_default().max(1);
        let bars: String = counts.iter().map(|count| BARS[(count * 8).div_ceil(most) as usize]).collect();
        format!("|{bars}| {} s a column, the highest {} a second in the mean", column / 1000, most * 1000 / column)
    }
}

/// The most of these times within any 1000 ms, between two times.
fn peak(times: &[u64], from: u64, to: u64) -> u64 {
    let first = times.partition_point(|at| *at < from);
    let times = &times[first..times.partition_point(|at| *at <= to).max(first)];
    let mut begin = 0;
    let mut most = 0;
    for (end, at) in times.iter().enumerate() {
        while times[begin] + 1000 <= *at {
            begin += 1;
        }
        most = most.max(end + 1 - begin);
    }
    most as u64
}

/// Milliseconds as seconds, with one digit.
#[must_use]
pub fn seconds(millis: u64) -> String {
    format!("{}.{}", millis / 1000, millis % 1000 / 100)
}

/// The heading over lines of figures.
#[must_use]
pub fn heading() -> String {
    let times = ["half s", "99 % s", "last s"].map(|name| format!("{name:>9}")).concat();
    let counts = format!("{:>8}{:>11}{:>8}{:>9}{:>8}", "phones", "REGISTERs", "peak/s", "mean/s", "ratio");
    format!("{counts}{:>11}{times}{:>8}", "lookups/s", "echo/s")
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>8}{:>11}{:>8}{:>9.1}{:>8.1}", self.out, self.requests, self.peak, self.mean, self.ratio())?;
        write!(f, "{:>11}", self.lookups)?;
        for time in [self.half, self.most, self.last] {
            let time = if self.still_out == 0 { seconds(time) } else { "-".into() };
            write!(f, "{time:>9}")?;
        }
        write!(f, "{:>8}", self.echo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_that_of_the_fullest_second_wherever_it_begins() {
        let times = [0, 900, 1_500, 1_899, 1_900, 5_000];
        assert_eq!(peak(&times, 0, 10_000), 3);
        assert_eq!(peak(&times, 0, 1_000), 2);
        assert_eq!(peak(&times, 6_000, 9_000), 0);
    }

    #[test]
    fn a_phone_is_back_when_it_is_back_for_the_last_time() {
        let mut log = Log::new(2);
        log.begin(1_000);
        log.note(0, false, 1_000);
        log.note(0, true, 3_000);
        log.note(0, false, 4_000);
        log.note(1, true, 4_000);
        assert_eq!(log.figures(5_000).still_out, 1);
        log.note(0, true, 6_000);
        let figures = log.figures(9_000);
        assert_eq!((figures.out, figures.still_out, figures.last), (1, 0, 5_000));
    }
}
