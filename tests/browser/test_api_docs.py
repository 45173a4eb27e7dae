"""The page that describes the API runs under the content security policy."""


def test_the_page_shows_the_operations_and_asks_nobody_else(page, complaints, base_url):
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))

    page.goto("/api/v1/docs/")
    page.wait_for_selector(".opblock-tag", timeout=30_000)

    assert page.locator(".opblock-tag[data-tag='order']").count() == 1
    assert complaints == []
    assert [address for address in addresses if not address.startswith((base_url, "data:"))] == []
