//! SVG, written by hand: a picture is thousands of shapes, and in a path a shape is a few bytes.
//!
//! Pictures are read by people who cannot tell red from green, in browsers that show them on
//! black, and by programs that read aloud: the palette is that of Okabe and Ito, the sheet is
//! white, and a title and a description stand in the file.

pub(crate) const WIDTH: f64 = 960.0;
/// Free space at the left and at the right.
pub(crate) const MARGIN: f64 = 24.0;

pub(crate) const INK: &str = "#222222";
pub(crate) const FAINT_INK: &str = "#5f5f5f";
pub(crate) const GRID: &str = "#e2e2e2";

/// An SVG under way.
#[derive(Default)]
pub(crate) struct Svg(String);

impl Svg {
    /// Adds a line.
    pub(crate) fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// A hollow circle.
    pub(crate) fn ring(&mut self, colour: &str, x: f64, y: f64, r: f64) {
        let [x, y, r] = [x, y, r].map(number);
        self.line(format!(
            "<circle fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" cx=\"{x}\" cy=\"{y}\" \
             r=\"{r}\"/>"
        ));
    }

    /// A line through these points.
    pub(crate) fn stroke(&mut self, colour: &str, width: f64, more: &str, points: &[(f64, f64)]) {
        let points = points
            .iter()
            .map(|(x, y)| format!("{} {}", number(*x), number(*y)));
        let points: Vec<String> = points.collect();
        self.line(format!(
            "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\"{more} d=\"M{}\"/>",
            number(width),
            points.join("L")
        ));
    }

    pub(crate) fn text(&mut self, x: f64, y: f64, words: &str, style: Style) {
        let Style { size, colour, .. } = style;
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let bold = if style.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        self.line(format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{size}\" fill=\"{colour}\"{anchor}{bold}>{}</text>",
            number(x),
            number(y),
            escape(words)
        ));
    }

    /// The whole file: what was written, on a sheet of this height, and what a screen reader
    /// says of it.
    pub(crate) fn finish(self, height: f64, title: &str, description: &str) -> String {
        let (width, height) = (number(WIDTH), number(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\">\n\
             <title>{}</title>\n<desc>{}</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            escape(title),
            escape(description),
            self.0
        )
    }
}

/// How words look.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    size: u8,
    colour: &'static str,
    anchor: Anchor,
    bold: bool,
}

#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

impl Style {
    pub(crate) const TITLE: Self = Self::new(22, INK).bold();
    pub(crate) const HEADING: Self = Self::new(14, INK).bold();
    pub(crate) const WORDS: Self = Self::new(14, INK);
    pub(crate) const FAINT: Self = Self::new(13, FAINT_INK);

    const fn new(size: u8, colour: &'static str) -> Self {
        Self {
            size,
            colour,
            anchor: Anchor::Start,
            bold: false,
        }
    }

    const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// It ends where it would begin.
    pub(crate) const fn to_the_left(self) -> Self {
        Self {
            anchor: Anchor::End,
            ..self
        }
    }

    pub(crate) const fn centred(self) -> Self {
        Self {
            anchor: Anchor::Middle,
            ..self
        }
    }
}

/// A number with at most two decimals, and none that says nothing.
pub(crate) fn number(number: f64) -> String {
    let text = format!("{number:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Words that XML takes for nothing but words.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // XML has no place for these, however they are written.
            letter if letter.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&letter) => {
                escaped.push('\u{fffd}');
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words_and_numbers_are_short() {
        assert_eq!(
            escape("a<b>&c\n\u{1b}[0m"),
            "a&lt;b&gt;&amp;c\u{fffd}\u{fffd}[0m"
        );
        assert_eq!(
            [1.0, 0.5, 12.345, -0.001, 100.0].map(number),
            ["1", "0.5", "12.35", "0", "100"]
        );
    }
}
