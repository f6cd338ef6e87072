//! The suite on SQLite, one test each.

mod suite;

macro_rules! on_sqlite {
    ($module:ident $name:ident) => {
        #[tokio::test]
        async fn $name() {
            suite::$module::$name().await;
        }
    };
}

suite::every_test!(on_sqlite);
