//! The two macros in which every section, key and word of the configuration is declared once.

/// Declares a section: its doc comments, names, types and defaults are the one source of the struct, of what may be
/// written in the file and the environment, and of `deploy/accountd.toml`.
///
/// Fields after `with` are no keys: the reader of the section fills them in.
macro_rules! settings {
    (
        $(#[doc = $about:literal])+
        pub struct $section:ident {
            $( $(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr, )*
        }
        $(with {
            $( $(#[doc = $other_doc:literal])+ $other:ident: $other_type:ty = $other_default:expr, )*
        })?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $section {
            $(
                $(#[doc = $doc])+
                #[doc = concat!("\n\nDefault: `", stringify!($default), "`.")]
                pub $key: $type,
            )*
            $( $( $(#[doc = $other_doc])+ pub $other: $other_type, )* )?
        }

        impl Default for $section {
            fn default() -> Self {
                Self {
                    $( $key: $default, )*
                    $( $( $other: $other_default, )* )?
                }
            }
        }

        impl $crate::config::section::Section for $section {
            fn about(&self) -> &'static [&'static str] {
                &[$($about),+]
            }

            fn keys(&self) -> Vec<$crate::config::section::Key> {
                vec![$(
                    $crate::config::section::Key::new(stringify!($key), &[$($doc),+], &self.$key),
                )*]
            }

            fn read(&mut self, reader: &mut $crate::config::reader::Reader<'_>) {
                $( reader.read(stringify!($key), &mut self.$key); )*
            }
        }
    };
}

/// Declares an enum whose variants are written as words.
macro_rules! words {
    (
        $(#[doc = $about:literal])+
        pub enum $name:ident {
            $( $(#[doc = $doc:literal])+ $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl $name {
            /// The word that stands for it in the configuration.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }

        impl $crate::config::value::Word for $name {
            const ALL: &'static [Self] = &[$( Self::$variant ),+];

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    };
}

pub(super) use {settings, words};
