//! The two schemas say the same, and every statement is one that both engines understand.

use crate::databases::both;

#[tokio::test]
async fn every_statement_prepares_on_both_engines() {
    let statements = store::statements();
    assert!(
        statements.len() >= 50,
        "only {} statements are listed",
        statements.len()
    );
    for fresh in both().await {
        for sql in &statements {
            if let Err(error) = fresh.database.prepare(sql).await {
                panic!("{} on {:?}: {error:?}", sql.name, fresh.engine);
            }
        }
    }
}

#[tokio::test]
async fn both_schemas_have_the_same_tables_columns_types_and_nullability() {
    let [sqlite, postgres] = both().await;
    let sqlite = sqlite.database.columns().await.unwrap();
    let postgres = postgres.database.columns().await.unwrap();
    assert!(sqlite.len() > 100, "only {} columns were read", sqlite.len());
    assert_eq!(sqlite, postgres);
}
