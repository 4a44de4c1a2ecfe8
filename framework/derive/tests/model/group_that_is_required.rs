use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Mount.
    #[tf(group, required, replace)]
    mount: Attr<Mount>,
}

fn main() {}
