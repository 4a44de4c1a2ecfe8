//! Which records are written. Filtering here rather than in the client saves the work of writing
//! what the client throws away.

use log::LevelFilter;

/// The level of this provider's records: the most specific of three variables that is set, else
/// errors only.
pub(super) fn chosen(name: &str, variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let own = format!("TF_LOG_PROVIDER_{}", name.to_uppercase().replace('-', "_"));
    [own.as_str(), "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty())
        .map_or(LevelFilter::Error, |value| parse(&value))
}

/// Terraform takes a word that it does not know for TRACE, and `JSON` is TRACE in another form.
fn parse(value: &str) -> LevelFilter {
    value.trim().parse().unwrap_or(LevelFilter::Trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: LevelFilter) {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(chosen("my-cloud", lookup), expected);
    }

    #[test]
    fn l6_the_most_specific_variable_wins() {
        check(&[], LevelFilter::Error);
        check(&[("TF_LOG", "INFO")], LevelFilter::Info);
        check(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "warn")], LevelFilter::Warn);
        check(&[("TF_LOG_PROVIDER", "WARN"), ("TF_LOG_PROVIDER_MY_CLOUD", "DEBUG")], LevelFilter::Debug);
        check(&[("TF_LOG_PROVIDER", ""), ("TF_LOG", "OFF")], LevelFilter::Off);
    }

    #[test]
    fn json_and_unknown_words_mean_trace() {
        check(&[("TF_LOG", "JSON")], LevelFilter::Trace);
        check(&[("TF_LOG", "1")], LevelFilter::Trace);
    }
}
