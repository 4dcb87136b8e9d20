"""An article in the shape of each feed, and what becomes of it."""

from worker.intake.identity import article_id

TEXT = "The quay at Mombasa stays shut until the crane is mended, the port authority said on Tuesday."
MORE = "“Nobody is to blame for a storm,” said Zawadi Mwangi, who runs the crane."
FRAGMENT = f"<p>{TEXT}</p>\n<p>{MORE}</p>"
BOTH = f"{TEXT}\n{MORE}"
URL = "https://port.example/quay"
WHEN = "2025-04-01T06:30:00Z"
OF_URL = article_id(url=URL, text="")

NEWSAPI = {
    "source": {"id": None, "name": "Coast Wire"}, "author": "By Zawadi Mwangi and Tom Hale",
    "title": "Quay shut",
    "description": "No ships.", "url": URL, "urlToImage": None, "publishedAt": WHEN, "content": TEXT,
}  # fmt: skip
GNEWS = {
    "id": "b1946ac9", "title": "Quay shut", "description": "No ships.", "content": TEXT, "url": URL,
    "image": "https://port.example/q.jpg", "publishedAt": WHEN, "lang": "en",
    "source": {"id": "c0", "name": "Coast Wire", "url": "https://port.example", "country": "ke"},
}  # fmt: skip
NEWSCATCHER_2 = {
    "_id": "0a1b", "_score": 7.5, "title": "Quay shut", "author": "Zawadi Mwangi",
    "authors": ["Zawadi Mwangi", "Tom Hale"],
    "published_date": "2025-04-01 06:30:00", "link": URL, "clean_url": "port.example", "excerpt": "No ships.",
    "summary": TEXT, "language": "en", "is_opinion": False, "media": None, "twitter_account": None,
}  # fmt: skip
NEWSCATCHER_3 = {
    "id": "0a1b", "title": "Quay shut", "author": "Zawadi Mwangi", "authors": "Zawadi Mwangi, Tom Hale",
    "journalists": [], "published_date": "2025-04-01 06:30:00", "link": URL, "domain_url": "port.example",
    "name_source": "Coast Wire", "description": "No ships.", "content": TEXT, "language": "en",
}  # fmt: skip
MEDIASTACK = {
    "author": None, "title": "Quay shut", "description": TEXT, "url": URL, "source": "Coast Wire",
    "image": None,
    "category": "general", "language": "en", "country": "ke", "published_at": "2025-04-01T06:30:00+00:00",
}  # fmt: skip
NEWSDATA = {
    "article_id": "9f86d0", "title": "Quay shut", "link": URL, "keywords": ["port"],
    "creator": ["Zawadi Mwangi"],
    "description": None, "content": TEXT, "pubDate": "2025-04-01 06:30:00", "pubDateTZ": "UTC",
    "source_id": "coast",
    "source_name": "Coast Wire", "source_url": "https://port.example", "language": "english",
    "country": ["kenya"],
}  # fmt: skip
EVENT_REGISTRY = {
    "uri": "8123456789", "lang": "eng", "isDuplicate": False, "date": "2025-04-01", "time": "06:41:00",
    "dateTime": "2025-04-01T06:41:00Z", "dateTimePub": WHEN, "dataType": "news", "url": URL,
    "title": "Quay shut",
    "body": TEXT, "source": {"uri": "port.example", "dataType": "news", "title": "Coast Wire"},
    "authors": [{"uri": "z@port.example", "name": "Zawadi Mwangi", "type": "author", "isAgency": False}],
}  # fmt: skip
NEWS_PLEASE = {
    "authors": ["Zawadi Mwangi"], "date_download": "2025-04-02 01:00:00", "date_modify": None,
    "date_publish": "2025-04-01 06:30:00", "description": "No ships.", "filename": "q.json", "language": "en",
    "localpath": None, "maintext": TEXT, "source_domain": "port.example", "title": "Quay shut",
    "title_page": None, "title_rss": None, "url": URL,
}  # fmt: skip
MEDIA_CLOUD = {
    "stories_id": 1234567, "guid": "port-1", "media_id": 9, "media_name": "Coast Wire", "title": "Quay shut",
    "media_url": "https://port.example", "publish_date": "2025-04-01 06:30:00", "language": "en", "url": URL,
    "story_text": TEXT,
}  # fmt: skip
FEEDPARSER = {
    "title": "Quay shut", "title_detail": {"type": "text/plain", "language": None, "base": "",
    "value": "Quay shut"},
    "links": [{"rel": "alternate", "type": "text/html", "href": URL}], "link": URL,
    "id": "tag:port.example,2025:q",
    "guidislink": False, "published": "Tue, 01 Apr 2025 06:30:00 +0000",
    "published_parsed": [2025, 4, 1, 6, 30, 0, 1, 91, 0], "summary": "No ships.", "author": "Zawadi Mwangi",
    "authors": [{"name": "Zawadi Mwangi"}], "author_detail": {"name": "Zawadi Mwangi"},
    "content": [{"type": "text/html", "language": "en", "base": "", "value": FRAGMENT}],
}  # fmt: skip
JSON_FEED = {
    "id": "port-1", "url": URL, "title": "Quay shut", "content_html": FRAGMENT, "summary": "No ships.",
    "date_published": "2025-04-01T09:30:00+03:00", "language": "en-KE", "tags": ["port"],
    "authors": [{"name": "Zawadi Mwangi", "avatar": "https://port.example/z.png"}],
}  # fmt: skip
WORDPRESS = {
    "id": 40, "date": "2025-04-01T09:30:00", "date_gmt": "2025-04-01T06:30:00", "link": URL, "author": 3,
    "guid": {"rendered": "https://port.example/?p=40"}, "title": {"rendered": "Quay&#8217;s <em>shut</em>"},
    "content": {"rendered": FRAGMENT, "protected": False}, "excerpt": {"rendered": "<p>No ships.</p>"},
    "_embedded": {"author": [{"id": 3, "name": "Zawadi Mwangi", "slug": "z"}]},
    "yoast_head_json": {"og_site_name": "Coast Wire"},
}  # fmt: skip
GUARDIAN = {
    "id": "world/2025/apr/01/quay", "type": "article", "sectionName": "World news",
    "webPublicationDate": WHEN,
    "webTitle": "Quay shut – live", "webUrl": URL, "apiUrl": "https://content.port.example/quay",
    "fields": {"headline": "Quay shut", "byline": "Zawadi Mwangi", "body": FRAGMENT,
    "bodyText": f"{TEXT} {MORE}",
               "trailText": "No ships.", "publication": "port.example"},
}  # fmt: skip
NEWS_ARTICLE = {
    "@context": "https://schema.org", "@type": "NewsArticle", "@id": f"{URL}#article",
    "mainEntityOfPage": {"@type": "WebPage", "@id": URL}, "headline": "Quay shut", "articleBody": TEXT,
    "datePublished": WHEN, "inLanguage": "en-KE", "description": "No ships.",
    "author": [{"@type": "Person", "name": "Zawadi Mwangi"}, {"@type": "Person", "name": "Tom Hale"}],
    "publisher": {"@type": "NewsMediaOrganization", "name": "Coast Wire"},
}  # fmt: skip
GRAPH = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebPage", "@id": URL, "name": "Page"},
        {"@type": ["Article", "NewsArticle"], "@id": f"{URL}#article", "headline": ["Quay shut"], "url": URL,
         "articleBody": {"@value": TEXT, "@language": "en"}, "datePublished": [WHEN],
         "author": {"@id": "https://port.example/#z"}, "publisher": [{"@id": "https://port.example/#org"}],
         "inLanguage": {"@type": "Language", "name": "English", "alternateName": "en"}},
        {"@type": "Person", "@id": "https://port.example/#z", "name": "Zawadi Mwangi"},
        {"@type": "Organization", "@id": "https://port.example/#org", "name": "Coast Wire"},
    ],
}  # fmt: skip
NYT = {
    "_id": "nyt://article/1", "uri": "nyt://article/1", "web_url": URL,
    "pub_date": "2025-04-01T06:30:00+0000",
    "headline": {"main": "Quay shut", "kicker": None}, "lead_paragraph": TEXT, "source": "Coast Wire",
    "byline": {"original": "By Zawadi Mwangi", "person": []},
}  # fmt: skip
FEEDLY = {
    "id": "entry-1", "title": "Quay shut", "author": "Zawadi Mwangi", "content": {"content": FRAGMENT,
    "direction": "ltr"},
    "alternate": [{"href": URL, "type": "text/html"}], "origin": {"title": "Coast Wire",
    "streamId": "feed/1"},
}  # fmt: skip
RSS_PARSER = {
    "title": "Quay shut", "link": URL, "pubDate": "Tue, 01 Apr 2025 06:30:00 GMT", "creator": "Zawadi Mwangi",
    "content": "No ships.", "contentSnippet": "No ships.", "content:encoded": FRAGMENT, "guid": "port-1",
    "isoDate": WHEN,
}  # fmt: skip

SHAPES = {
    # document, text, id, authors, source, time
    "NewsAPI": (NEWSAPI, TEXT, OF_URL, ["Zawadi Mwangi", "Tom Hale"], "Coast Wire", WHEN),
    "GNews": (GNEWS, TEXT, "b1946ac9", [], "Coast Wire", WHEN),
    "NewsCatcher 2": (NEWSCATCHER_2, TEXT, "0a1b", ["Zawadi Mwangi", "Tom Hale"], "port.example", WHEN),
    "NewsCatcher 3": (NEWSCATCHER_3, TEXT, "0a1b", ["Zawadi Mwangi", "Tom Hale"], "Coast Wire", WHEN),
    "Mediastack": (MEDIASTACK, TEXT, OF_URL, [], "Coast Wire", WHEN),
    "newsdata.io": (NEWSDATA, TEXT, "9f86d0", ["Zawadi Mwangi"], "Coast Wire", WHEN),
    "Event Registry": (EVENT_REGISTRY, TEXT, "8123456789", ["Zawadi Mwangi"], "Coast Wire", WHEN),
    "news-please": (NEWS_PLEASE, TEXT, OF_URL, ["Zawadi Mwangi"], "port.example", WHEN),
    "Media Cloud": (MEDIA_CLOUD, TEXT, "port-1", [], "Coast Wire", WHEN),
    "feedparser": (FEEDPARSER, BOTH, "tag:port.example,2025:q", ["Zawadi Mwangi"], None, WHEN),
    "JSON Feed": (JSON_FEED, BOTH, "port-1", ["Zawadi Mwangi"], None, WHEN),
    "WordPress": (WORDPRESS, BOTH, "40", ["Zawadi Mwangi"], "Coast Wire", WHEN),
    "Guardian": (GUARDIAN, BOTH, "world/2025/apr/01/quay", ["Zawadi Mwangi"], "port.example", WHEN),
    "JSON-LD": (NEWS_ARTICLE, TEXT, f"{URL}#article", ["Zawadi Mwangi", "Tom Hale"], "Coast Wire", WHEN),
    "JSON-LD graph": (GRAPH, TEXT, f"{URL}#article", ["Zawadi Mwangi"], "Coast Wire", WHEN),
    "New York Times": (NYT, TEXT, "nyt://article/1", ["Zawadi Mwangi"], "Coast Wire", WHEN),
    "Feedly": (FEEDLY, BOTH, "entry-1", ["Zawadi Mwangi"], "Coast Wire", None),
    "rss-parser": (RSS_PARSER, BOTH, "port-1", ["Zawadi Mwangi"], None, WHEN),
}
HEADLINES = {"WordPress": "Quay’s shut"}
