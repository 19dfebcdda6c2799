//! The trace hash: FNV-1a, 64 bit.

/// A hash that grows line by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    /// Takes in a line and its end.
    pub fn line(&mut self, line: &str) {
        for byte in line.bytes().chain([b'\n']) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// As 16 hexadecimal digits.
    #[must_use]
    pub fn hex(self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the reference vectors of the FNV authors: "", and "foobar\n" by their rule.
    #[test]
    fn reference_values() {
        assert_eq!(Hash::default().hex(), "cbf29ce484222325");
        let mut hash = Hash::default();
        for byte in b"foobar" {
            hash.0 = (hash.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        assert_eq!(hash.hex(), "85944171f73967e8");
        let mut line = Hash::default();
        line.line("foobar");
        let end = (hash.0 ^ 10).wrapping_mul(0x0000_0100_0000_01b3);
        assert_eq!(line.0, end);
    }
}
