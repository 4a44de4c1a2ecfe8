use tfplugin_derive::Model;

type Attr<T> = Option<T>;
type List<T> = Vec<T>;
type Set<T> = Vec<T>;

struct Rule;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Rules of each team.
    #[tf(required, replace)]
    rules: Attr<List<Set<Rule>>>,
}

fn main() {}
