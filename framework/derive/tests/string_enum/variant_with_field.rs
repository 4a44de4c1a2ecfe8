use tfplugin_derive::StringEnum;

#[derive(StringEnum)]
enum Speed {
    Slow,
    Fast(u8),
}

fn main() {}
