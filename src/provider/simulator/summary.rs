//! What runs add up to, and what is shown of one that broke an invariant.

use std::fmt;

/// Declares what is counted, each with the words that follow the number.
macro_rules! counts {
    ($($name:ident: $words:literal,)+) => {
        /// What runs add up to.
        #[derive(Debug, Default)]
        pub(super) struct Summary {
            pub(super) story: Vec<String>,
            $(pub(super) $name: u64,)+
        }

        impl Summary {
            pub(super) fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)+
            }

            /// Whether all that the runs are about happened in them.
            pub(super) fn is_eventful(&self) -> bool {
                [$(self.$name),+].iter().all(|it| *it > 0)
            }
        }

        impl fmt::Display for Summary {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                let counts = [$((self.$name, $words)),+];
                let words: Vec<String> = counts.iter().map(|(count, words)| format!("{count} {words}")).collect();
                out.write_str(&words.join(", "))
            }
        }
    };
}

counts! {
    requests: "requests",
    creates: "creations",
    kills: "kills",
    told: "things outside of the state of which the user was told",
    imports: "of them imported",
    settled: "settled estates",
    quiet: "empty plans after a quiet apply",
    deposed: "deposed machines",
    lifted: "times protection lifted",
    ignored: "times protection ignored",
    unruly: "platforms that do what nobody asked for",
    odd: "that give odd answers",
    neighbours: "applies at the same time as another one",
    forgetful: "clients that forget failed creations",
}

/// A run that broke an invariant.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) seed: u64,
    pub(super) violation: String,
    pub(super) story: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, violation, story } = self;
        writeln!(out, "seed {seed}: {violation}")?;
        writeln!(out, "play it again: make simulate SEED={seed}")?;
        story.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}
