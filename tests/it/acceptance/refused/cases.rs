//! The limits and cross rules of the resources, one line each, as the tables of the HCL surface have them.
//! The words are the least that a diagnostic has to say: the bound, or the partner of a cross rule.

mod cpu;
mod endpoint;
mod gpu;
mod vm;

/// Stands in every secret below; no diagnostic may repeat it.
pub(super) const SECRET: &str = "hunter2";

/// A resource that must be refused, or, without any words, one that must not.
pub(super) struct Refused {
    /// Type of the resource.
    pub(super) kind: &'static str,
    /// Name of the case and of its resource.
    pub(super) name: &'static str,
    /// Attributes and their values in HCL, beside the least that the resource needs.
    pub(super) given: Vec<(&'static str, String)>,
    /// What the diagnostic says.
    pub(super) says: Vec<&'static str>,
    /// The attributes at one of which the diagnostic points.
    pub(super) at: Vec<&'static str>,
}

const GPU: &str = "novita_gpu_instance";
const CPU: &str = "novita_cpu_instance";
const ENDPOINT: &str = "novita_endpoint";
const VM: &str = "novacloud_vm";

impl Refused {
    fn of(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// The least that a resource of this type needs, in HCL.
    pub(super) fn least(&self) -> &'static [(&'static str, &'static str)] {
        match self.kind {
            CPU => cpu::LEAST,
            ENDPOINT => endpoint::LEAST,
            VM => vm::LEAST,
            _ => gpu::LEAST,
        }
    }
}

/// What the values of one resource tell by themselves.
pub(super) fn at_validate() -> Vec<Refused> {
    [gpu::at_validate(), cpu::at_validate(), endpoint::at_validate(), vm::at_validate()]
        .into_iter()
        .flatten()
        .collect()
}

/// What is refused for something that is to be made, and fine for what was imported; so only a plan can
/// tell.
pub(super) fn at_plan() -> Vec<Refused> {
    [gpu::at_plan(), vm::at_plan()].into_iter().flatten().collect()
}

/// Values at the very limits, which must pass.
pub(super) fn accepted() -> Vec<Refused> {
    [gpu::accepted(), cpu::accepted(), endpoint::accepted(), vm::accepted()].into_iter().flatten().collect()
}

/// A value of one attribute that is refused there.
fn one(
    name: &'static str,
    attribute: &'static str,
    value: impl Into<String>,
    says: &[&'static str],
) -> Refused {
    let given = vec![(attribute, value.into())];
    Refused { kind: GPU, name, given, says: says.to_vec(), at: vec![attribute] }
}

/// Values that are each fine and do not go together; the diagnostic may point at any of them.
fn several<const N: usize>(
    name: &'static str,
    given: [(&'static str, String); N],
    says: &[&'static str],
) -> Refused {
    let at = given.iter().map(|(attribute, _)| *attribute).collect();
    Refused { kind: GPU, name, given: given.into(), says: says.to_vec(), at }
}

/// A text in HCL of `length` characters, two bytes each, since limits count characters.
fn long(length: usize) -> String {
    text(&"é".repeat(length))
}

fn text(value: &str) -> String {
    format!("\"{value}\"")
}

/// So many ports, none of them special.
fn ports(count: usize) -> String {
    format!("[for i in range({count}) : \"${{8000 + i}}/tcp\"]")
}

/// So many environment variables whose names begin with `prefix`.
fn envs(prefix: &str, count: usize) -> String {
    format!("{{ for i in range({count}) : \"{prefix}${{i}}\" => \"v\" }}")
}

fn storages(count: usize) -> String {
    format!("[for i in range({count}) : {{ id = \"st-${{i}}\", mount_point = \"/data${{i}}\" }}]")
}

fn tool(name: &str, port: i64, kind: &str) -> String {
    format!("[{{ name = \"{name}\", port = {port}, type = \"{kind}\" }}]")
}
