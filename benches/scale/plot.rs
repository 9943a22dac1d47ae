//! Lines over sizes, as an SVG file. Both axes are logarithmic, so that what grows with the data rises by a decade for each
//! decade to the right, and what does not is flat.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 110.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 50.0;
const COLOURS: [&str; 4] = ["#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad"];

/// The decades that an axis spans.
struct Axis {
    first: i32,
    last: i32,
    from: f64,
    to: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut first, mut last) = (i32::MAX, i32::MIN);
        for value in values {
            let decade = decade_under(value);
            first = first.min(decade);
            let is_whole = (10_f64.powi(decade) - value).abs() < value * 1e-9;
            last = last.max(if is_whole { decade } else { decade + 1 });
        }
        Self {
            first,
            last: last.max(first + 1),
            from,
            to,
        }
    }

    fn place(&self, value: f64) -> f64 {
        let span = f64::from(self.last - self.first);
        let part = (value.log10() - f64::from(self.first)) / span;
        self.from + (self.to - self.from) * part
    }

    fn decades(&self) -> impl Iterator<Item = f64> {
        (self.first..=self.last).map(|decade| 10_f64.powi(decade))
    }
}

/// The power of ten that is not above a value of ours.
fn decade_under(value: f64) -> i32 {
    let decades = (-9..=9).rev();
    let mut under = decades.filter(|decade| 10_f64.powi(*decade) <= value * (1.0 + 1e-9));
    under.next().unwrap()
}

/// The file. Each line has a name and seconds by size.
pub(crate) fn svg(title: &str, lines: &[(&str, Vec<(u64, f64)>)]) -> String {
    let points = || lines.iter().flat_map(|(_, points)| points);
    let across = Axis::over(points().map(|(size, _)| whole(*size)), LEFT, WIDTH - RIGHT);
    let up = Axis::over(points().map(|(_, seconds)| *seconds), HEIGHT - BOTTOM, TOP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"16\">{title}</text>\n"
    );
    for size in across.decades() {
        let x = across.place(size);
        line(&mut svg, (x, TOP), (x, HEIGHT - BOTTOM));
        text(&mut svg, (x, HEIGHT - 28.0), "middle", &format!("{size}"));
    }
    for seconds in up.decades() {
        let y = up.place(seconds);
        line(&mut svg, (LEFT, y), (WIDTH - RIGHT, y));
        text(&mut svg, (LEFT - 8.0, y + 4.0), "end", &unit(seconds));
    }
    text(
        &mut svg,
        (LEFT, HEIGHT - 8.0),
        "start",
        "accounts and sessions",
    );
    let names = (0_u32..).map(|number| TOP + 16.0 + 22.0 * f64::from(number));
    for (((name, points), colour), y) in lines.iter().zip(COLOURS.iter().cycle()).zip(names) {
        draw(&mut svg, colour, points, (&across, &up));
        writeln!(
            svg,
            "<text x=\"{}\" y=\"{y}\" fill=\"{colour}\">{name}</text>",
            WIDTH - RIGHT + 16.0
        )
        .unwrap();
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, colour: &str, points: &[(u64, f64)], (across, up): (&Axis, &Axis)) {
    let places: Vec<(f64, f64)> = points
        .iter()
        .map(|(size, seconds)| (across.place(whole(*size)), up.place(*seconds)))
        .collect();
    let path: Vec<String> = places
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
        path.join(" ")
    )
    .unwrap();
    for (x, y) in &places {
        writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>"
        )
        .unwrap();
    }
}

fn line(svg: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    writeln!(
        svg,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#ddd\"/>"
    )
    .unwrap();
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, words: &str) {
    writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
    )
    .unwrap();
}

fn unit(seconds: f64) -> String {
    if seconds < 0.000_999 {
        format!("{:.0} µs", seconds * 1e6)
    } else if seconds < 0.999 {
        format!("{:.0} ms", seconds * 1e3)
    } else {
        format!("{seconds:.0} s")
    }
}

fn whole(size: u64) -> f64 {
    f64::from(u32::try_from(size).unwrap())
}
