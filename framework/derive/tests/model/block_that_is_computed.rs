use tfplugin_derive::Model;

type Attr<T> = Option<T>;

/// A disk.
#[derive(Model)]
struct Disk {
    /// Mounts.
    #[tf(block, optional, computed, replace)]
    mounts: Attr<List<Mount>>,
    /// Keys.
    #[tf(block, optional, sensitive, replace)]
    keys: Attr<Set<Key>>,
    /// Words.
    #[tf(block, optional, write_only, replace)]
    words: Attr<Map<Word>>,
}

fn main() {}
