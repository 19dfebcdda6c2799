//! The generator behind every draw (rule 2.6): integers only, the same on every platform, easy to write again elsewhere.

/// A small generator with a fixed, documented sequence: xoshiro128++ 1.0, seeded by splitmix64 (rule 2.6).
///
/// Both are David Blackman's and Sebastiano Vigna's ("Scrambled linear pseudorandom number generators", ACM Transactions
/// on Mathematical Software 47, 2021; splitmix64 after Steele, Lea and Flood, 2014). It is for sharing load, not for
/// secrets. All arithmetic wraps; `<<<` turns the bits round to the left, `>>` shifts zeros in.
///
/// *Seed.* With a 64-bit `x`, at first the seed, twice: `x += 0x9e3779b97f4a7c15`; `z = x`;
/// `z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9`; `z = (z ^ (z >> 27)) * 0x94d049bb133111eb`; `z = z ^ (z >> 31)`.
/// The first `z` gives the 32-bit words `a` (low half) and `b` (high half), the second `c` and `d`.
///
/// *Next.* The result is `((a + d) <<< 7) + a`. Then `t = b << 9; c ^= a; d ^= b; b ^= c; a ^= d; c ^= t; d = d <<< 11`.
///
/// *A draw in `0..=max`* ([`up_to`](Self::up_to)): nothing is drawn if `max` is 0. Else let `m` be the smallest
/// 2<sup>k</sup> - 1 that is not below `max`. Take one result, or, if `m` is above 2<sup>32</sup> - 1, two, the first as
/// the high half; and with `m`. If that is above `max`, try again. After 64 tries in vain (which happens less often than
/// once in 2<sup>64</sup> draws) the last one minus `max + 1` is taken, so that the loop is bounded.
///
/// *Test vectors*, computed apart from this code: the first results of seed 0 are 1179900579, 1938959192, 3089844957; those
/// of seed 1 are 2146930148, 2585199205, 3670091704; `below(100)` six times with seed 42 gives 65, 64, 15, 91, 52, 38.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rng {
    a: u32,
    b: u32,
    c: u32,
    d: u32,
}

/// How often a draw is tried at most.
const TRIES: u32 = 64;

impl Rng {
    /// The generator at the start of the sequence that belongs to this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let x = seed.wrapping_add(GOLDEN);
        let first = mix(x);
        let second = mix(x.wrapping_add(GOLDEN));
        Self { a: low(first), b: high(first), c: low(second), d: high(second) }
    }

    /// The next 32 bits of the sequence.
    pub const fn next_u32(&mut self) -> u32 {
        let result = self.a.wrapping_add(self.d).rotate_left(7).wrapping_add(self.a);
        let t = self.b << 9;
        self.c ^= self.a;
        self.d ^= self.b;
        self.b ^= self.c;
        self.a ^= self.d;
        self.c ^= t;
        self.d = self.d.rotate_left(11);
        result
    }

    /// One of the whole numbers from 0 to `max`, each equally likely.
    pub const fn up_to(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        let mask = u64::MAX.wrapping_shr(max.leading_zeros());
        let mut tries = 0_u32;
        loop {
            let value = self.draw(mask);
            if value <= max {
                return value;
            }
            tries = tries.wrapping_add(1);
            if tries >= TRIES {
                return value.wrapping_sub(max).wrapping_sub(1);
            }
        }
    }

    /// One of the whole numbers below `count`, each equally likely; 0 if `count` is 0.
    pub const fn below(&mut self, count: u64) -> u64 {
        self.up_to(count.saturating_sub(1))
    }

    /// One of the whole numbers from `low` to `high`, both included, each equally likely; `low` if `high` is not above it.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        low.saturating_add(self.up_to(high.saturating_sub(low)))
    }

    const fn draw(&mut self, mask: u64) -> u64 {
        let first = self.next_u32() as u64;
        let bits = if high(mask) == 0 { first } else { (first << 32) | self.next_u32() as u64 };
        bits & mask
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

const fn mix(x: u64) -> u64 {
    let z = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[allow(clippy::cast_possible_truncation)]
const fn low(value: u64) -> u32 {
    value as u32
}

#[allow(clippy::cast_possible_truncation)]
const fn high(value: u64) -> u32 {
    (value >> 32) as u32
}
