//! Randomness: the operating system's, or a seeded sequence that two runs share.

use super::HostError;

/// The most random bytes that one request is answered with as a list.
pub const MAX_RANDOM_BYTES: u64 = 64 << 20;

/// What a context has of randomness: bytes fit for keys, bytes that are not, and a seed that stays.
///
/// What is not fit for keys is begun from the first source when it is first asked for.
pub struct Random {
    source: Box<dyn RandomSource>,
    insecure: Option<SeededRandom>,
    insecure_seed: Option<(u64, u64)>,
}

impl Default for Random {
    fn default() -> Self {
        Random::new(OsRandom)
    }
}

impl Random {
    /// Everything from `source`.
    pub fn new(source: impl RandomSource + 'static) -> Self {
        Random { source: Box::new(source), insecure: None, insecure_seed: None }
    }

    /// Fills `buffer` from the source.
    pub fn fill(&mut self, buffer: &mut [u8]) -> Result<(), HostError> {
        self.source.fill(buffer)
    }

    /// `get-random-bytes`. More than [`MAX_RANDOM_BYTES`] are [`HostError::Overflow`].
    pub fn bytes(&mut self, len: u64) -> Result<Vec<u8>, HostError> {
        bytes(&mut *self.source, len)
    }

    /// `get-random-u64`.
    pub fn number(&mut self) -> Result<u64, HostError> {
        number(&mut *self.source)
    }

    /// `get-insecure-random-bytes`. More than [`MAX_RANDOM_BYTES`] are [`HostError::Overflow`].
    pub fn insecure_bytes(&mut self, len: u64) -> Result<Vec<u8>, HostError> {
        bytes(self.insecure()?, len)
    }

    /// `get-insecure-random-u64`.
    pub fn insecure_number(&mut self) -> Result<u64, HostError> {
        number(self.insecure()?)
    }

    /// `insecure-seed`: the same each time.
    pub fn insecure_seed(&mut self) -> Result<(u64, u64), HostError> {
        if let Some(seed) = self.insecure_seed {
            return Ok(seed);
        }
        let seed = (self.insecure_number()?, self.insecure_number()?);
        Ok(*self.insecure_seed.insert(seed))
    }

    fn insecure(&mut self) -> Result<&mut SeededRandom, HostError> {
        let begun = match self.insecure.take() {
            Some(begun) => begun,
            None => SeededRandom::new(self.number()?),
        };
        Ok(self.insecure.insert(begun))
    }
}

fn bytes(source: &mut dyn RandomSource, len: u64) -> Result<Vec<u8>, HostError> {
    if len > MAX_RANDOM_BYTES {
        return Err(HostError::Overflow);
    }
    let len = len as usize;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| HostError::OutOfMemory)?;
    bytes.resize(len, 0);
    source.fill(&mut bytes)?;
    Ok(bytes)
}

fn number(source: &mut dyn RandomSource) -> Result<u64, HostError> {
    let mut bytes = [0; 8];
    source.fill(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

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

    #[test]
    fn a_seed_stays_and_insecure_bytes_are_not_the_secure_ones() {
        let mut random = Random::new(SeededRandom::new(7));
        let seed = random.insecure_seed().unwrap();
        assert_ne!(seed.0, seed.1);
        assert_eq!(random.insecure_seed(), Ok(seed));
        assert_ne!(random.insecure_number(), random.insecure_number());
        assert_ne!(random.insecure_bytes(16), random.bytes(16));
        assert_eq!(Random::new(SeededRandom::new(7)).insecure_seed(), Ok(seed));
        assert_ne!(Random::new(SeededRandom::new(8)).insecure_seed(), Ok(seed));
    }

    #[test]
    fn a_request_for_too_many_bytes_is_refused_before_it_allocates() {
        let mut random = Random::default();
        for len in [MAX_RANDOM_BYTES + 1, 1 << 32, u64::MAX] {
            assert_eq!(random.bytes(len), Err(HostError::Overflow));
            assert_eq!(random.insecure_bytes(len), Err(HostError::Overflow));
        }
        assert_eq!(random.bytes(0), Ok(vec![]));
        assert_eq!(random.bytes(1000).unwrap().len(), 1000);
    }

    #[test]
    fn a_source_that_fails_fails_what_is_made_of_it() {
        struct Failing;
        impl RandomSource for Failing {
            fn fill(&mut self, _: &mut [u8]) -> Result<(), HostError> {
                Err(HostError::Io)
            }
        }
        let mut random = Random::new(Failing);
        assert_eq!(random.insecure_seed(), Err(HostError::Io));
        assert_eq!(random.insecure_bytes(1), Err(HostError::Io));
        assert_eq!(random.number(), Err(HostError::Io));
    }
}
