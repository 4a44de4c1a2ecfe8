//! What belongs to an account besides machines: its money and its limits.

use serde_json::json;

use super::{World, on_every_cli};

const MONEY: &str = r#"
data "novita_balance" "now" {}

check "money" {
  assert {
    condition     = data.novita_balance.now.available > 20
    error_message = "Only ${data.novita_balance.now.available} USD are left."
  }
}

data "novacloud_account" "mine" {
  provider = novita
}

output "mine" {
  value = data.novacloud_account.mine
}
"#;

#[test]
fn a_plan_warns_when_the_money_runs_low_and_goes_on() {
    on_every_cli(|cli| {
        let world = World::new(cli, MONEY);
        let applied = world.workspace.apply();
        assert!(!applied.words().contains("USD are left"), "{applied}");
        world.workspace.assert_nothing_to_do();
        let mine = world.workspace.run(&["output", "-json", "mine"]).succeeded().json();
        let expected = json!({
            "id": "77", "email": "dev@example.com", "email_verified": true, "tier": "standard", "status": "active",
            "max_vms": 3, "max_hourly_spend": 8, "credit_balance": 1000, "spend_per_hour": 0, "running_vms": 0,
        });
        assert_eq!(mine, expected);

        world.cloud.with_novita(|it| it.money.pending = 1_375_000);
        world.workspace.plan(&[]).succeeded().says(&["Warning", "Only 12.5 USD are left."]);
        assert_eq!(world.changes(), Vec::<String>::new());
    });
}

#[test]
fn money_is_looked_for_beside_the_base_url_alone() {
    on_every_cli(|cli| {
        let mut world = World::new(cli, "data \"novita_balance\" \"now\" {}\n");
        let elsewhere = world.cloud.origin();
        world.workspace.set("NOVITA_BASE_URL", &elsewhere);
        world.workspace.plan(&[]).failed().says(&[
            "Provider cannot call the API",
            "the base URL does not end with /gpu-instance/openapi/v1",
            "/openapi/v1 beside it",
        ]);
        assert_eq!(
            world.cloud.requests().into_iter().map(|it| it.path).collect::<Vec<_>>(),
            Vec::<String>::new()
        );
    });
}
