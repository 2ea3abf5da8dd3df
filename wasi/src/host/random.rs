//! Randomness: the operating system's, or a seeded sequence that two runs share.

use super::HostError;

/// A source of random bytes. It writes into the caller's buffer, so no request can make it allocate.
pub trait RandomSource: Send {
    /// Fills `buffer`.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), HostError>;
}

/// The operating system's generator, fit for keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl RandomSource for OsRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), HostError> {
        getrandom::fill(buffer).map_err(|_| HostError::Io)
    }
}

/// The same bytes for the same seed, on every platform. For reproducible runs; never for secrets.
///
/// The generator is xoshiro256**, seeded through SplitMix64, as their authors recommend.
#[derive(Clone, Debug)]
pub struct SeededRandom {
    state: [u64; 4],
    /// Bytes of the last word that were not handed out yet, so that the sequence does not depend on how it is cut.
    rest: [u8; 8],
    rest_len: usize,
}

impl SeededRandom {
    /// The sequence that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        let mut counter = seed;
        let state = core::array::from_fn(|_| {
            counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            super::fs::mix(counter)
        });
        SeededRandom { state, rest: [0; 8], rest_len: 0 }
    }

    fn next(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }
}

impl RandomSource for SeededRandom {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), HostError> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.rest_len == 0 {
                self.rest = self.next().to_le_bytes();
                self.rest_len = self.rest.len();
            }
            let take = self.rest_len.min(buffer.len() - filled);
            let start = self.rest.len() - self.rest_len;
            buffer[filled..filled + take].copy_from_slice(&self.rest[start..start + take]);
            self.rest_len -= take;
            filled += take;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seeded_sequence_does_not_depend_on_how_it_is_cut() {
        let mut whole = [0; 64];
        SeededRandom::new(42).fill(&mut whole).unwrap();
        let mut pieces = [0; 64];
        let mut random = SeededRandom::new(42);
        let mut at = 0;
        for size in [1, 7, 8, 9, 3, 0, 36] {
            random.fill(&mut pieces[at..at + size]).unwrap();
            at += size;
        }
        assert_eq!(whole, pieces);
        assert_ne!(whole[..8], whole[8..16]);
    }

    #[test]
    fn different_seeds_differ_and_the_system_answers() {
        let (mut a, mut b) = ([0; 16], [0; 16]);
        SeededRandom::new(1).fill(&mut a).unwrap();
        SeededRandom::new(2).fill(&mut b).unwrap();
        assert_ne!(a, b);
        OsRandom.fill(&mut a).unwrap();
        OsRandom.fill(&mut b).unwrap();
        assert_ne!(a, b);
    }
}
