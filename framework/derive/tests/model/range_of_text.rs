use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Name.
    #[tf(optional, replace, range = 1..=8)]
    name: Attr<String>,
    /// Anything.
    #[tf(optional, replace, len = 1..=8)]
    any: Attr<Dynamic>,
}

fn main() {}
