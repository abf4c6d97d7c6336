//! Points in time, as annotations write them.

use std::fmt;

use serde::{Serialize, Serializer};

/// A point in time, written as RFC 3339 in UTC. It always comes from the caller
/// (a commit's time), so that the same content makes the same artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(u32);

impl Timestamp {
    /// 1970-01-01, for what has no time of its own.
    pub const EPOCH: Self = Self(0);

    /// Seconds since 1970; times before that and after 2106 are not
    /// representable and become the nearest that is.
    pub fn from_unix(seconds: i64) -> Self {
        let latest = if seconds < 0 { 0 } else { u32::MAX };
        Self(u32::try_from(seconds).unwrap_or(latest))
    }
}

impl fmt::Display for Timestamp {
    /// Days to a date as in Howard Hinnant's `civil_from_days`: years begin in
    /// March, so that the leap day is a year's last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0 / 86_400 + 719_468, self.0 % 86_400);
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = (shifted_month + 2) % 12 + 1;
        let year = era * 400 + year_of_era + u32::from(month <= 2);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_795_283_696, "2026-11-21T17:54:56Z"),
            (-5, "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(Timestamp::from_unix(seconds).to_string(), text);
        }
    }
}
