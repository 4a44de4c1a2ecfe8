//! The middle of many measurements, and how far they lie apart. Pure arithmetic.

use std::time::Duration;

/// Median, and the values that a tenth of all measurements lie below and above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// The spread of these values; none of nothing.
pub(crate) fn spread(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share| quantile(&sorted, share);
    Some(Spread { median: at(0.5)?, low: at(0.1)?, high: at(0.9)? })
}

/// The median alone.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    spread(values).map(|it| it.median)
}

/// A time as a number of milliseconds.
pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Between two neighbours the value is taken from the straight line.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * index_to_f64(last);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last index"
    )]
    let below = place.floor() as usize;
    let (low, high) = (sorted.get(below)?, sorted.get((below + 1).min(last))?);
    Some(low + (high - low) * (place - place.floor()))
}

#[expect(clippy::cast_precision_loss, reason = "there are no more than thousands of runs")]
fn index_to_f64(index: usize) -> f64 {
    index as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], median: f64, low: f64, high: f64) {
        let found = spread(values.iter().copied()).unwrap();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let fits = near(found.median, median) && near(found.low, low) && near(found.high, high);
        assert!(fits, "{values:?}: {found:?}");
    }

    #[test]
    fn the_median_is_the_middle_and_the_spread_leaves_out_a_tenth_on_each_side() {
        check(&[7.0], 7.0, 7.0, 7.0);
        check(&[4.0, 2.0], 3.0, 2.2, 3.8);
        check(&[10.0, 0.0, 9.0, 1.0, 8.0, 2.0, 7.0, 3.0, 6.0, 4.0, 5.0], 5.0, 1.0, 9.0);
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(spread([]), None);
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
    }
}
