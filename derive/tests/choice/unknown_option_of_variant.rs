use novita_derive::Choice;

#[derive(Choice)]
enum Speed {
    Slow,
    #[choice(fast)]
    Fast,
}

fn main() {}
