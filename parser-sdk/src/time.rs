//! Points in time and how they are written.

use std::fmt;

/// A point in time, to the millisecond. Displayed as SOAR's `start_time` and the like want it:
/// ISO 8601 in UTC, `2023-11-14T22:13:20.123Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_unix_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// The date and time of day where clocks are `offset_minutes` east of UTC.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "parts of a day and of a second"
    )]
    pub const fn at_offset(self, offset_minutes: i16) -> DateTime {
        const MINUTE: i64 = 60_000;
        const DAY: i64 = 24 * 60 * MINUTE;
        let ms = self.0.saturating_add(offset_minutes as i64 * MINUTE);
        let (year, month, day) = civil(ms.div_euclid(DAY));
        let within = ms.rem_euclid(DAY);
        DateTime {
            year,
            month,
            day,
            hour: (within / (60 * MINUTE)) as u8,
            minute: (within / MINUTE % 60) as u8,
            second: (within / 1000 % 60) as u8,
            millisecond: (within % 1000) as u16,
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DateTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
            millisecond,
        } = self.at_offset(0);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"
        )
    }
}

/// A date of the Gregorian calendar with a time of day. Displayed as `2023-11-14 22:13:20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    pub year: i64,
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub millisecond: u16,
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            ..
        } = self;
        write!(
            f,
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        )
    }
}

/// Year, month and day of a number of days since 1970-01-01, proleptic Gregorian: Howard
/// Hinnant's `civil_from_days`. A year begins in March here, so that the leap day is its last.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "1–12 and 1–31"
)]
const fn civil(days: i64) -> (i64, u8, u8) {
    const ERA: i64 = 146_097;
    let days = days + 719_468;
    let era = days.div_euclid(ERA);
    let day_of_era = days.rem_euclid(ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = month_from_march + if month_from_march < 10 { 3 } else { -9 };
    let year = year_of_era + era * 400 + (month <= 2) as i64;
    (year, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `date -u -d @N`.
    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00"),
            (-1, "1969-12-31 23:59:59"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (951_868_800, "2000-03-01 00:00:00"),
            (1_700_000_000, "2023-11-14 22:13:20"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (253_402_300_799, "9999-12-31 23:59:59"),
            (-62_135_596_800, "0001-01-01 00:00:00"),
        ] {
            let time = Timestamp::from_unix_ms(seconds * 1000).at_offset(0);
            assert_eq!(time.to_string(), text, "{seconds}");
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = civil(-800_000);
        for days in -799_999..800_000 {
            let (year, month, day) = civil(days);
            let (last_year, last_month, last_day) = before;
            let next_day = (year, month) == (last_year, last_month) && day == last_day + 1;
            let next_month = year == last_year && month == last_month + 1 && day == 1;
            let next_year =
                year == last_year + 1 && (month, day, last_month, last_day) == (1, 1, 12, 31);
            assert!(next_day || next_month || next_year, "{days}: {before:?}");
            before = (year, month, day);
        }
    }

    #[test]
    fn local_time_is_ahead_in_the_east() {
        let time = Timestamp::from_unix_ms(1_700_000_000_999);
        assert_eq!(time.at_offset(120).to_string(), "2023-11-15 00:13:20");
        assert_eq!(time.at_offset(-210).to_string(), "2023-11-14 18:43:20");
        assert_eq!(time.to_string(), "2023-11-14T22:13:20.999Z");
        assert_eq!(Timestamp::from_unix_ms(i64::MAX).at_offset(1080).month, 8);
    }
}
