//! Sending a document from a page.

use crate::site::{Site, sbom};

#[tokio::test]
async fn the_same_document_is_answered_with_the_same_build() {
    let site = Site::new().await;
    let document = sbom(&[("alpha", "1.0.0")]);
    let first = site.send("platform/shop", "main", &document).await;
    let again = site.send("platform/shop", "main", &document).await;
    assert_eq!((first.status.as_u16(), &first.location), (303, &again.location));
}

#[tokio::test]
async fn a_form_of_another_session_is_refused_before_anything_is_made() {
    let site = Site::new().await;
    let answer = site
        .send_with("guessed", "shop", "main", &sbom(&[("alpha", "1.0.0")]))
        .await;
    assert_eq!(answer.status.as_u16(), 403, "{}", answer.body);
    assert_eq!(site.get("/projects/shop").await.status.as_u16(), 404);
}

#[tokio::test]
async fn what_is_no_bill_of_materials_is_said_to_be_none() {
    let site = Site::new().await;
    for document in ["", "hello", "{\"a\": 1}"] {
        let answer = site.send("shop", "main", document).await;
        assert_eq!(answer.status.as_u16(), 422, "{document}: {}", answer.body);
        assert!(
            answer.body.contains("This is not a bill of materials"),
            "{document}"
        );
    }
    assert_eq!(site.get("/projects/shop").await.status.as_u16(), 404);
}
