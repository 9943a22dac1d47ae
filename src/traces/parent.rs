//! The context of a trace as it travels: the headers `traceparent` and `tracestate` (<https://www.w3.org/TR/trace-context/>).

use std::str::FromStr as _;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Characters of `tracestate` that are passed on; a longer one is left out.
const LONGEST_STATE: usize = 512;

/// The caller's span, if there is one header that tells it and it is well formed.
pub(super) fn parent(headers: &HeaderMap) -> Option<SpanContext> {
    let mut lines = headers.get_all(TRACEPARENT).iter();
    let line = lines.next()?;
    if lines.next().is_some() {
        return None;
    }
    let (trace, span, flags) = parse(line.as_bytes())?;
    let state = if flags.is_sampled() {
        state(headers).unwrap_or_default()
    } else {
        TraceState::NONE
    };
    let context = SpanContext::new(trace, span, flags, true, state);
    context.is_valid().then_some(context)
}

/// Puts the span in place of whatever the headers say.
pub(super) fn put(context: &SpanContext, headers: &mut HeaderMap) {
    let (trace, span) = (context.trace_id(), context.span_id());
    let flags = u8::from(context.is_sampled());
    headers.remove(TRACESTATE);
    if let Ok(value) = HeaderValue::try_from(format!("00-{trace}-{span}-{flags:02x}")) {
        headers.insert(TRACEPARENT, value);
    }
    let state = context.trace_state().header();
    if !state.is_empty()
        && let Ok(value) = HeaderValue::try_from(state)
    {
        headers.insert(TRACESTATE, value);
    }
}

/// `version-trace-span-flags`, in hexadecimal digits of lower case. A version to come may have more behind it.
fn parse(text: &[u8]) -> Option<(TraceId, SpanId, TraceFlags)> {
    let (known, more) = text.split_at_checked(55)?;
    let [version] = hex(&known[..2])?;
    let is_whole = match version {
        0 => more.is_empty(),
        0xff => false,
        _ => more.first().is_none_or(|byte| *byte == b'-'),
    };
    let is_split = [2, 35, 52].iter().all(|place| known[*place] == b'-');
    if !is_whole || !is_split {
        return None;
    }
    let [flags] = hex(&known[53..])?;
    Some((
        TraceId::from_bytes(hex(&known[3..35])?),
        SpanId::from_bytes(hex(&known[36..52])?),
        TraceFlags::new(flags) & TraceFlags::SAMPLED,
    ))
}

fn hex<const BYTES: usize>(text: &[u8]) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    for (byte, digits) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(digits[0])? << 4 | digit(digits[1])?;
    }
    Some(bytes)
}

const fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

fn state(headers: &HeaderMap) -> Option<TraceState> {
    let lines = headers.get_all(TRACESTATE).iter();
    let lines: Result<Vec<&str>, _> = lines.map(HeaderValue::to_str).collect();
    let text = lines.ok()?.join(",");
    if text.is_empty() || text.len() > LONGEST_STATE {
        return None;
    }
    TraceState::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn what_is_well_formed_is_read() {
        for (line, is_sampled) in [
            (SAMPLED, true),
            (
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
                false,
            ),
            (
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03",
                true,
            ),
            (
                "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                true,
            ),
            (
                "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                true,
            ),
        ] {
            let found = parent(&headers(&[("traceparent", line)])).unwrap();
            assert_eq!(
                found.trace_id().to_string(),
                "0af7651916cd43dd8448eb211c80319c"
            );
            assert_eq!(found.span_id().to_string(), "b7ad6b7169203331");
            assert_eq!(
                (found.is_sampled(), found.is_remote()),
                (is_sampled, true),
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_malformed_is_not() {
        for line in [
            "",
            "1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
            "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        ] {
            assert_eq!(parent(&headers(&[("traceparent", line)])), None, "{line}");
        }
        let two = headers(&[("traceparent", SAMPLED), ("traceparent", SAMPLED)]);
        assert_eq!(parent(&two), None);
    }

    #[test]
    fn the_state_of_others_goes_along() {
        let given = headers(&[
            ("traceparent", SAMPLED),
            ("tracestate", "one=1,two=2"),
            ("tracestate", "three=3"),
        ]);
        let mut out = headers(&[("tracestate", "old=0")]);
        put(&parent(&given).unwrap(), &mut out);
        assert_eq!(out["traceparent"], SAMPLED);
        assert_eq!(out["tracestate"], "one=1,two=2,three=3");

        let odd = headers(&[("traceparent", SAMPLED), ("tracestate", "no state")]);
        put(&parent(&odd).unwrap(), &mut out);
        assert_eq!(out["traceparent"], SAMPLED);
        assert_eq!(out.get("tracestate"), None);
    }
}
