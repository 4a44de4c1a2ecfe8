use novita_derive::Choice;

#[derive(Choice)]
enum Speed {
    Slow,
    Fast(u8),
}

fn main() {}
