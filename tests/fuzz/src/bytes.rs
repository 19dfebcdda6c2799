//! Numbers and texts out of any bytes; past the end all is 0.

/// What is left to read.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl Bytes<'_> {
    pub(crate) fn done(&self) -> bool {
        self.0.is_empty()
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let count = self.0.len().min(N);
        array[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        array
    }

    pub(crate) fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub(crate) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// A text after its length; what is no UTF-8 becomes U+FFFD, as a host would make it.
    pub(crate) fn text(&mut self) -> String {
        let length = usize::from(self.u16()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    /// Nothing, or a number.
    pub(crate) fn option(&mut self) -> Option<u32> {
        (self.u8() % 2 == 1).then(|| self.u32())
    }
}
