//! Many starts of all programs, one after the other in turn, so that whatever else the machine does falls on all
//! of them alike. The floors are programs of this package: one that only prints a line, and one that does what no
//! plugin can do without.

use std::time::Instant;

use plugin_client::certificate::Identity;

use crate::arguments::Arguments;
use crate::failure::{Result, While as _};
use crate::machine::About;
use crate::results::{StartedProgram, Startup};
use crate::start::{self, Startable};
use crate::subjects::{self, EMPTY, FLOOR, Named};
use crate::{say, stats};

/// Starts everything as often as the arguments say.
pub(crate) fn measure(arguments: &Arguments) -> Result<Startup> {
    let startables = startables(arguments)?;
    let mut measured = startables.iter().map(unmeasured).collect::<Result<Vec<_>>>()?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().doing("starting tokio")?;
    let identity = Identity::number(1);
    for run in 0..arguments.starts {
        say(&format!("start {} of {}", run + 1, arguments.starts));
        for index in (0..startables.len()).map(|it| (it + run) % startables.len()) {
            let (start, schema_bytes) = runtime.block_on(start::measure(&startables[index], &identity))?;
            // The first one reads the file from the disk.
            if run > 0 {
                measured[index].starts.push(start);
            }
            measured[index].schema_bytes = schema_bytes;
        }
    }
    let client_signs_ms = signing(&identity);
    Ok(Startup { about: About::of_this_machine(&[]), client_signs_ms, programs: measured })
}

/// The median of what one signature of the client takes, in milliseconds.
fn signing(identity: &Identity) -> f64 {
    let sign = |_| {
        let begun = Instant::now();
        std::hint::black_box(identity.sign(&[0; 100]));
        stats::millis(begun.elapsed())
    };
    stats::median((0..50).map(sign)).unwrap_or_default()
}

fn startables(arguments: &Arguments) -> Result<Vec<Startable>> {
    let floor = subjects::beside_this_program(FLOOR)?;
    let floors: [(&str, &'static [&'static str]); 2] = [(EMPTY, &["--empty"]), (FLOOR, &[])];
    let mut all = Vec::new();
    for (name, options) in floors.into_iter().filter(|(name, _)| arguments.wants(name)) {
        let it = subjects::existing(Named { name: name.to_owned(), program: floor.clone() })?;
        all.push(Startable { name: it.name, program: it.program, arguments: options, is_provider: false });
    }
    for it in subjects::providers(arguments)? {
        all.push(Startable { name: it.name, program: it.program, arguments: &[], is_provider: true });
    }
    Ok(all)
}

fn unmeasured(it: &Startable) -> Result<StartedProgram> {
    let file = std::fs::metadata(&it.program).doing(format!("looking at {}", it.program.display()))?;
    let name = it.name.clone();
    Ok(StartedProgram { name, file_bytes: file.len(), schema_bytes: None, starts: Vec::new() })
}

impl StartedProgram {
    /// The spread of one measure over all starts.
    pub(crate) fn spread(
        &self,
        measure: impl Fn(&crate::results::Start) -> Option<f64>,
    ) -> Option<stats::Spread> {
        stats::spread(self.starts.iter().filter_map(measure))
    }
}
