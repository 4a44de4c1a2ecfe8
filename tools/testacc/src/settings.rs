//! What a run needs to know, read from the environment. Whatever is missing is one line that says how to get it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use url::{Host, Url};

/// What can be tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gpu,
    Cpu,
    Endpoint,
    Vm,
}

impl Kind {
    /// In the order in which they are tested: what is cheapest to get wrong comes first.
    pub const ALL: [Self; 4] = [Self::Endpoint, Self::Cpu, Self::Gpu, Self::Vm];

    /// The word for it, in `TESTACC_ONLY`, names and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::Cpu => "cpu",
            Self::Endpoint => "endpoint",
            Self::Vm => "vm",
        }
    }
}

/// How to get at one vendor's API.
#[derive(Clone)]
pub struct Account {
    pub base_url: Url,
    pub key: String,
}

/// Everything that a run needs to know.
#[derive(Clone)]
pub struct Settings {
    /// Absent when nothing of Novita AI is to be tested.
    pub novita: Option<Account>,
    /// Absent when nothing of Nova Cloud is to be tested.
    pub novacloud: Option<Account>,
    pub kinds: Vec<Kind>,
    /// Most USD per hour for one thing; there is only one at a time.
    pub max_hourly_price: f64,
    pub endpoint_product: String,
    pub vm_template: i64,
    pub image: String,
    /// Where notes, configurations and states are kept until everything in them is gone.
    pub directory: PathBuf,
    pub cli: PathBuf,
    pub provider: PathBuf,
    /// Lines for the provider's block; tests against a mock make its waits short.
    pub provider_lines: String,
    /// Time between two looks at what is still there.
    pub pause: Duration,
}

type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

impl Settings {
    /// Reads and checks the environment, for a run.
    ///
    /// # Errors
    /// One line about what is missing or wrong, and how to mend it.
    pub fn for_run(environment: Environment<'_>) -> Result<Self, String> {
        let settings = Self::for_sweep(environment)?;
        Ok(Self { cli: cli(environment)?, provider: provider()?, ..settings })
    }

    /// The same for a sweeper, which needs neither a CLI nor the provider.
    ///
    /// # Errors
    /// One line about what is missing or wrong, and how to mend it.
    pub fn for_sweep(environment: Environment<'_>) -> Result<Self, String> {
        let get = |name: &str| environment(name).filter(|it| !it.trim().is_empty());
        if get("TF_ACC").as_deref() != Some("1") {
            return Err("TF_ACC is not 1: these tests rent hardware for money, so set TF_ACC=1 to say that \
                        you mean it"
                .to_owned());
        }
        let kinds = kinds(get("TESTACC_ONLY").as_deref())?;
        let account = |wanted: bool, prefix: &str, usual: &str| {
            if wanted { account(environment, prefix, usual).map(Some) } else { Ok(None) }
        };
        let (novita_url, novacloud_url) =
            ("https://api.novita.ai/gpu-instance/openapi/v1", "https://api.nova-cloud.ai");
        Ok(Self {
            novita: account(kinds.iter().any(|it| *it != Kind::Vm), "NOVITA", novita_url)?,
            novacloud: account(kinds.contains(&Kind::Vm), "NOVACLOUD", novacloud_url)?,
            kinds,
            max_hourly_price: price(get("TESTACC_MAX_HOURLY_PRICE"))?,
            endpoint_product: get("TESTACC_ENDPOINT_PRODUCT").unwrap_or_else(|| "SL-serverless-3".to_owned()),
            vm_template: template(get("TESTACC_VM_TEMPLATE"))?,
            image: get("TESTACC_IMAGE").unwrap_or_else(|| "docker.io/library/ubuntu:24.04".to_owned()),
            directory: PathBuf::from(get("TESTACC_DIR").unwrap_or_else(|| ".testacc".to_owned())),
            cli: PathBuf::new(),
            provider: PathBuf::new(),
            provider_lines: String::new(),
            pause: Duration::from_secs(5),
        })
    }
}

fn kinds(only: Option<&str>) -> Result<Vec<Kind>, String> {
    let Some(only) = only else { return Ok(Kind::ALL.to_vec()) };
    let words: Vec<&str> = only.split(',').map(str::trim).collect();
    match words.iter().find(|word| Kind::ALL.iter().all(|kind| kind.as_str() != **word)) {
        Some(word) => Err(format!("TESTACC_ONLY names {word:?}: it takes some of gpu,cpu,endpoint,vm")),
        None => Ok(Kind::ALL.into_iter().filter(|kind| words.contains(&kind.as_str())).collect()),
    }
}

fn account(environment: Environment<'_>, prefix: &str, usual: &str) -> Result<Account, String> {
    let key = environment(&format!("{prefix}_API_KEY")).filter(|it| !it.trim().is_empty());
    let key = key.ok_or_else(|| {
        let others = if prefix == "NOVITA" { "vm" } else { "gpu,cpu,endpoint" };
        format!(
            "{prefix}_API_KEY is missing: take a key from the vendor's console, or set TESTACC_ONLY={others} to do without"
        )
    })?;
    let name = format!("{prefix}_BASE_URL");
    let text = environment(&name).filter(|it| !it.trim().is_empty()).unwrap_or_else(|| usual.to_owned());
    let base_url = Url::parse(text.trim()).map_err(|error| format!("{name} is no URL: {error}"))?;
    if base_url.scheme() != "https" && !is_loopback(&base_url) {
        return Err(format!("{name} must begin with https://, or the key would be readable on the way"));
    }
    Ok(Account { base_url, key })
}

/// Whether an address is this very machine's.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(number)) => number.is_loopback(),
        Some(Host::Ipv6(number)) => number.is_loopback(),
        None => false,
    }
}

fn price(text: Option<String>) -> Result<f64, String> {
    let Some(text) = text else { return Ok(0.5) };
    let price = text.trim().parse::<f64>().ok().filter(|it| it.is_finite() && *it > 0.0);
    price.ok_or_else(|| format!("TESTACC_MAX_HOURLY_PRICE is {text:?}: it takes USD per hour, such as 0.5"))
}

fn template(text: Option<String>) -> Result<i64, String> {
    let Some(text) = text else { return Ok(101) };
    let number = text.trim().parse::<i64>().ok().filter(|it| *it > 0);
    number
        .ok_or_else(|| format!("TESTACC_VM_TEMPLATE is {text:?}: it takes a template's number, such as 101"))
}

fn cli(environment: Environment<'_>) -> Result<PathBuf, String> {
    let get = |name: &str| environment(name).filter(|it| !it.is_empty());
    let path = get("PATH").unwrap_or_default();
    let on_path = |name: &str| std::env::split_paths(&path).map(|it| it.join(name)).find(|it| it.is_file());
    let named = |name: &str| match name {
        "terraform" | "tofu" => {
            let built = || Some(Path::new("tools/bin").join(name)).filter(|it| it.is_file());
            get(&name.to_uppercase()).map(PathBuf::from).or_else(|| on_path(name)).or_else(built)
        }
        other => Some(PathBuf::from(other)),
    };
    let found = match get("CLI") {
        Some(name) => named(&name),
        None => named("terraform").or_else(|| named("tofu")),
    };
    let found = found.filter(|it| it.is_file()).and_then(|it| std::path::absolute(it).ok());
    found.ok_or_else(|| {
        "neither terraform nor tofu is here: run `make tools` to build them, or install Terraform from \
         https://developer.hashicorp.com/terraform/install"
            .to_owned()
    })
}

/// The provider that was built beside this program.
fn provider() -> Result<PathBuf, String> {
    let name = format!("terraform-provider-novita{}", std::env::consts::EXE_SUFFIX);
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let provider = here.parent().unwrap_or(Path::new(".")).join(name);
    if provider.is_file() {
        return Ok(provider);
    }
    Err(format!("{} is missing: `make testacc` builds it", provider.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first line that a run with these variables says, or none when it would begin.
    fn refusal(variables: &[(&str, &str)]) -> Option<String> {
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::for_run(&get).err()
    }

    #[test]
    fn what_is_missing_is_one_line_with_a_way_to_get_it() {
        let acc = ("TF_ACC", "1");
        let keys = [acc, ("NOVITA_API_KEY", "k"), ("NOVACLOUD_API_KEY", "k")];
        let with = |more| [&keys[..], &[more]].concat();
        for (variables, part) in [
            (vec![], "TF_ACC=1"),
            (vec![("TF_ACC", "true")], "TF_ACC=1"),
            (vec![acc], "NOVITA_API_KEY is missing"),
            (vec![acc, ("NOVITA_API_KEY", " ")], "NOVITA_API_KEY is missing"),
            (vec![acc, ("NOVITA_API_KEY", "k")], "TESTACC_ONLY=gpu,cpu,endpoint"),
            (vec![acc, ("TESTACC_ONLY", "vm")], "NOVACLOUD_API_KEY is missing"),
            (with(("TESTACC_ONLY", "gpu,disk")), "\"disk\""),
            (with(("NOVITA_BASE_URL", "http://api.example.net")), "https://"),
            (with(("NOVITA_BASE_URL", "api")), "NOVITA_BASE_URL is no URL"),
            (with(("TESTACC_MAX_HOURLY_PRICE", "cheap")), "USD per hour"),
            (with(("TESTACC_MAX_HOURLY_PRICE", "-1")), "USD per hour"),
            (with(("TESTACC_VM_TEMPLATE", "0")), "such as 101"),
            (with(("CLI", "/nowhere/terraform")), "neither terraform nor tofu"),
        ] {
            let said = refusal(&variables).unwrap_or_else(|| panic!("{variables:?} are enough"));
            assert!(said.contains(part) && !said.contains('\n'), "{variables:?}: {said}");
        }
    }
}
