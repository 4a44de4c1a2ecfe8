//! What goes to stderr.

use serde_json::Value;

use crate::launch::Launched;
use crate::options::Options;
use crate::proto::tfplugin6::stop_provider;

async fn stderr_of_a_run(options: Options) -> String {
    let provider = Launched::start_with(options).await;
    provider.client().stop_provider(stop_provider::Request {}).await.unwrap();
    provider.shut_down().await.stderr
}

#[tokio::test]
async fn l1_stderr_is_silent_when_all_is_well() {
    assert_eq!(stderr_of_a_run(Options::default()).await, "");
}

#[tokio::test]
async fn l2_and_l3_each_line_is_a_record_that_clients_take_apart() {
    let stderr = stderr_of_a_run(Options::default().with("TF_LOG", "TRACE")).await;
    assert!(stderr.lines().count() >= 2, "{stderr}");
    for line in stderr.lines() {
        assert!(line.len() < 64 * 1024);
        let record: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| record[key].as_str().unwrap_or_else(|| panic!("{key} in {line}"));
        assert!(["trace", "debug", "info", "warn", "error"].contains(&text("@level")), "{line}");
        assert!(!text("@message").is_empty() && !text("@module").is_empty());
        let (_, fraction) = text("@timestamp").split_once('.').unwrap();
        assert!(fraction.len() == 7 && fraction.ends_with('Z'), "{line}");
    }
}

#[tokio::test]
async fn l6_the_providers_own_variable_wins() {
    let quiet = Options::default().with("TF_LOG", "TRACE").with("TF_LOG_PROVIDER_NOVITA", "ERROR");
    assert_eq!(stderr_of_a_run(quiet).await, "");
    let loud = Options::default().with("TF_LOG", "ERROR").with("TF_LOG_PROVIDER_NOVITA", "DEBUG");
    assert_ne!(stderr_of_a_run(loud).await, "");
}
