use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Mounts.
    #[tf(group, optional, replace)]
    mounts: Attr<List<Mount>>,
}

fn main() {}
