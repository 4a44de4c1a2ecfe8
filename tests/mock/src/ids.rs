//! New identifiers: they look random and are the same in every run.

/// Where the next identifier comes from.
#[derive(Debug, Default)]
pub(crate) struct Ids(u64);

impl Ids {
    /// A source whose identifiers differ from those of sources with another start.
    pub(crate) fn from(start: u64) -> Self {
        Self(start)
    }

    /// Sixteen hexadecimal digits.
    pub(crate) fn text(&mut self) -> String {
        format!("{:016x}", self.number())
    }

    /// A UUID of the random kind.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.text(), self.text());
        format!("{}-{}-4{}-a{}-{}", &high[..8], &high[8..12], &high[13..], &low[1..4], &low[4..])
    }

    /// The finish of the SplitMix64 generator over a counter.
    fn number(&mut self) -> u64 {
        self.0 += 1;
        let mut mixed = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_form_and_differ() {
        let mut ids = Ids::default();
        let (one, other) = (ids.uuid(), ids.uuid());
        assert_ne!(one, other);
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{one}");
        assert_eq!(ids.text().len(), 16);
    }
}
