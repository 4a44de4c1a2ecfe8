//! The plots, as SVG text: how long programs take to start, and what a machine more costs. Knows no file.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::failure::{Result, While as _};
use crate::results::{Estates, Start, Startup};
use crate::stats::Spread;
use crate::subjects::{GO, NULL, OURS, TF_PROVIDER};
use crate::tables::{Group, groups, to_f64};

/// Colours that are told apart in grey, too.
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 90, 160), RGBColor(220, 110, 0), RGBColor(0, 140, 90), RGBColor(120, 120, 120)];

const FONT: (&str, i32) = ("sans-serif", 15);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One range for the line and one for the schema of each program, from the tenth to the ninetieth percentile, with a
/// dot at the median.
pub(crate) fn startup(it: &Startup) -> Result<String> {
    let rows = it.programs.len();
    let height = u32::try_from(rows).unwrap_or(u32::MAX).saturating_mul(60).saturating_add(130);
    picture((900, height), |area| {
        let most = it.programs.iter().filter_map(|it| it.spread(|it| it.schema_ms.or(Some(it.line_ms))));
        let most = most.fold(1.0, |most, it| it.high.max(most)) * 1.08;
        let mut chart = ChartBuilder::on(area)
            .caption("From the start of a process, median and 10–90 %", FONT)
            .margin(15)
            .x_label_area_size(45)
            .y_label_area_size(110)
            .build_cartesian_2d(0.0..most, 0.0..to_f64(rows as u64))
            .doing("drawing axes")?;
        let name = |at: &f64| name_of_row(it, *at);
        let mut mesh = chart.configure_mesh();
        mesh.disable_y_mesh().y_labels(rows * 2 + 1).y_label_formatter(&name).x_desc("ms").label_style(FONT);
        mesh.draw().doing("drawing axes")?;
        let measures: [Measure; 2] = [
            ("handshake line", |it| Some(it.line_ms), COLOURS[0], 0.62),
            ("schema", |it| it.schema_ms, COLOURS[1], 0.38),
        ];
        for (label, measure, colour, offset) in measures {
            let ranges = it.programs.iter().enumerate();
            let ranges: Vec<(f64, Spread)> = ranges
                .filter_map(|(row, it)| Some((row_from_below(rows, row) + offset, it.spread(measure)?)))
                .collect();
            chart.draw_series(ranges.iter().map(|it| line(*it, colour))).doing("drawing ranges")?;
            chart.draw_series(ranges.iter().map(|it| dot(*it, colour))).doing("drawing medians")?;
            let series = chart.draw_series(ranges.iter().map(|it| bar(*it, colour))).doing("drawing bars")?;
            series
                .label(label)
                .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 16, y + 4)], colour.filled()));
        }
        let mut labels = chart.configure_series_labels();
        labels
            .position(SeriesLabelPosition::UpperRight)
            .border_style(BLACK)
            .background_style(WHITE)
            .label_font(FONT);
        labels.draw().doing("drawing the legend")
    })
}

/// Label, figure of one start, colour, and height within a row.
type Measure = (&'static str, fn(&Start) -> Option<f64>, RGBColor, f64);

fn row_from_below(rows: usize, row: usize) -> f64 {
    to_f64((rows - 1 - row) as u64)
}

/// Labels stand in the middle of a row; the axis asks at every half.
fn name_of_row(it: &Startup, at: f64) -> String {
    let rows = it.programs.len();
    let row = (0..rows).find(|row| (row_from_below(rows, *row) + 0.5 - at).abs() < 0.01);
    row.map(|row| it.programs[row].name.clone()).unwrap_or_default()
}

fn bar((at, it): (f64, Spread), colour: RGBColor) -> Rectangle<(f64, f64)> {
    Rectangle::new([(0.0, at - 0.08), (it.median, at + 0.08)], colour.mix(0.35).filled())
}

fn line((at, it): (f64, Spread), colour: RGBColor) -> PathElement<(f64, f64)> {
    PathElement::new(vec![(it.low, at), (it.high, at)], colour.stroke_width(3))
}

fn dot((at, it): (f64, Spread), colour: RGBColor) -> Circle<(f64, f64), i32> {
    Circle::new((it.median, at), 5, colour.filled())
}

/// What is drawn against the number of machines: title, figure of one estate, and where the legend has room.
type Growth = (&'static str, fn(&Group<'_>) -> Option<f64>, SeriesLabelPosition);

const GROWTH: [Growth; 3] = [
    (
        "Apply per machine, ms",
        |it| Some(it.median("apply", |run| run.wall_ms)? / it.machines()),
        SeriesLabelPosition::UpperRight,
    ),
    (
        "Provider's CPU in apply per machine, ms",
        |it| Some(it.median("apply", |run| run.provider_cpu_ms)? / it.machines()),
        SeriesLabelPosition::UpperRight,
    ),
    (
        "Provider's peak memory, MiB",
        |it| Some(to_f64(it.largest(|run| run.provider_peak_kib)) / 1024.0),
        SeriesLabelPosition::UpperLeft,
    ),
];

/// Three plots of what grows with the number of machines, both axes logarithmic.
pub(crate) fn growth(it: &Estates) -> Result<String> {
    // One client tells enough: the one with the largest estate.
    let largest = it.runs.iter().filter(|it| it.scenario == "sizes").max_by_key(|it| it.size);
    let cli = largest.map(|it| it.cli.clone()).unwrap_or_default();
    let groups = groups(it, &cli, "sizes");
    picture((1200, 420), |area| {
        for (panel, (title, measure, legend)) in area.split_evenly((1, 3)).iter().zip(GROWTH) {
            grow(panel, &format!("{title} ({cli})"), &lines(&groups, measure), legend)?;
        }
        Ok(())
    })
}

/// A subject's points: machines, figure.
type Line = (String, Vec<(f64, f64)>);

/// What is zero, such as the CPU of no provider, has no place on the axis.
fn lines(groups: &[Group<'_>], measure: fn(&Group<'_>) -> Option<f64>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for group in groups {
        let Some(figure) = measure(group).filter(|it| *it > 0.0) else { continue };
        let point = (group.machines(), figure);
        match lines.iter_mut().find(|(name, _)| name == group.subject) {
            Some((_, points)) => points.push(point),
            None => lines.push((group.subject.to_owned(), vec![point])),
        }
    }
    lines
}

fn grow(area: &Area<'_>, title: &str, lines: &[Line], legend: SeriesLabelPosition) -> Result<()> {
    let points = || lines.iter().flat_map(|(_, points)| points);
    let most = points().fold(1.0, |most: f64, it| it.0.max(most)) * 1.2;
    let low = points().fold(f64::INFINITY, |low, it| it.1.min(low)).min(1e6) / 1.5;
    let high = points().fold(low * 2.0, |high, it| it.1.max(high)) * 1.5;
    let mut chart = ChartBuilder::on(area)
        .caption(title, FONT)
        .margin(12)
        .x_label_area_size(45)
        .y_label_area_size(60)
        .build_cartesian_2d((0.8..most).log_scale(), (low..high).log_scale())
        .doing("drawing axes")?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc("machines")
        .label_style(FONT)
        .light_line_style(TRANSPARENT)
        .x_label_formatter(&short)
        .y_label_formatter(&short);
    mesh.draw().doing("drawing axes")?;
    for (name, points) in lines {
        let colour = colour_of(name);
        let series = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(4);
        let series = chart.draw_series(series).doing("drawing a line")?;
        series
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(3)));
    }
    let mut labels = chart.configure_series_labels();
    labels.position(legend).border_style(BLACK).background_style(WHITE).label_font(FONT);
    labels.draw().doing("drawing the legend")
}

/// The same in every plot.
fn colour_of(subject: &str) -> RGBColor {
    let known = [OURS, GO, TF_PROVIDER, NULL].iter().zip(COLOURS).find(|(name, _)| **name == subject);
    known.map_or(BLACK, |(_, colour)| colour)
}

fn short(number: &f64) -> String {
    if number.fract() > 0.0 && *number < 10.0 { format!("{number:.1}") } else { format!("{number:.0}") }
}

fn picture(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<String> {
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
    area.fill(&WHITE).doing("drawing the background")?;
    draw(&area)?;
    area.present().doing("finishing a plot")?;
    drop(area);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::About;
    use crate::results::StartedProgram;
    use crate::tables::tests::run;

    #[test]
    fn each_program_is_named_in_the_plot_of_the_starts() {
        let start = |line_ms| Start {
            line_ms,
            schema_ms: Some(line_ms * 2.0),
            peak_kib: None,
            stop_ms: None,
            was_killed: false,
            cpu_ms: 1.0,
        };
        let program = |name: &str| StartedProgram {
            name: name.to_owned(),
            file_bytes: 1,
            schema_bytes: None,
            starts: vec![start(1.0), start(2.0)],
        };
        let programs = ["floor", "ours", "third"].map(program).into();
        let svg = startup(&Startup { about: About::default(), client_signs_ms: 0.0, programs }).unwrap();
        assert!(["floor", "ours", "third", "schema"].iter().all(|it| svg.contains(it)), "{svg}");
    }

    #[test]
    fn estates_of_one_size_and_of_none_can_be_drawn() {
        let estates = |runs| Estates { about: About::default(), parallelism: 10, runs };
        let svg =
            growth(&estates(vec![run("ours", 1, "apply", 10.0), run("go", 10, "apply", 20.0)])).unwrap();
        assert!(svg.contains("ours") && svg.contains("go"), "{svg}");
        assert!(growth(&estates(Vec::new())).is_ok());
    }
}
