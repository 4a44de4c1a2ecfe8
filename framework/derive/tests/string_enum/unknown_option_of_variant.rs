use tfplugin_derive::StringEnum;

#[derive(StringEnum)]
enum Speed {
    Slow,
    #[string_enum(fast)]
    Fast,
}

fn main() {}
