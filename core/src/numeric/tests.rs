//! Scalar instructions against tables of edge values and against formulations that share no code with them.

use super::{convert, float, int};
use crate::trap::TrapCode;
use proptest::prelude::*;
