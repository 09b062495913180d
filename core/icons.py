"""The line icons of the portal: 24 × 24, in the text colour, inline SVG (no icon font, no request)."""

_CIRCLE = '<circle cx="12" cy="12" r="9"/>'
_PAGE = '<path d="M6 3h8l4 4v14H6z"/><path d="M14 3v4h4"/>'

ICONS: dict[str, str] = {
    "home": '<path d="M4 11l8-7 8 7"/><path d="M6 9.5V20h12V9.5"/><path d="M10 20v-6h4v6"/>',
    "inbox": '<path d="M4 13l3-8h10l3 8v6H4z"/><path d="M4 13h5l1 3h4l1-3h5"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
    "phone": (
        '<path d="M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1.5 1.5 0 0 1-1.5 1.5'
        'A15.5 15.5 0 0 1 3.5 5.5 1.5 1.5 0 0 1 5 4z"/>'
    ),
    "building": '<path d="M5 21V4h9v17"/><path d="M14 9h5v12"/><path d="M3 21h18M8 8h3M8 12h3M8 16h3"/>',
    "user": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6"/>',
    "users": (
        '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5c.7-3.5 3.2-5.2 6.5-5.2s5.8 1.7 6.5 5.2"/>'
        '<path d="M15.5 5.2a3.5 3.5 0 0 1 0 6.6M18 14.9c2 .7 3.2 2.2 3.6 4.6"/>'
    ),
    "clock": _CIRCLE + '<path d="M12 7v5l3.5 2"/>',
    "check": '<path d="M4.5 12.5l5 5 10-11"/>',
    "check-circle": _CIRCLE + '<path d="M8 12.3l2.8 2.8L16 9.5"/>',
    "x": '<path d="M6 6l12 12M18 6L6 18"/>',
    "warning": '<path d="M12 4l9 16H3z"/><path d="M12 10v4.5M12 17.2v.3"/>',
    "info": _CIRCLE + '<path d="M12 11v5.5M12 7.5v.3"/>',
    "send": '<path d="M21 4L3 11l7 3 3 7z"/><path d="M21 4L10 14"/>',
    "file": _PAGE + '<path d="M9 12h6M9 16h6"/>',
    "download": '<path d="M12 4v11M7 10.5l5 5 5-5M4 20h16"/>',
    "upload": '<path d="M12 16V5M7 9.5l5-5 5 5M4 20h16"/>',
    "print": '<path d="M7 8V3.5h10V8"/><path d="M7 17H4V8h16v9h-3"/><path d="M7 13.5h10v7H7z"/>',
    "calendar": '<path d="M4 6h16v14H4z"/><path d="M4 10.5h16M8 3.5V8M16 3.5V8"/>',
    "chart": '<path d="M4 4v16h16"/><path d="M8.5 16v-4M13 16V8M17.5 16v-6"/>',
    "edit": '<path d="M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z"/><path d="M13.5 7l3.5 3.5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "arrow-left": '<path d="M20 12H4.5M11 5.5L4.5 12l6.5 6.5"/>',
    "arrow-right": '<path d="M4 12h15.5M13 5.5l6.5 6.5-6.5 6.5"/>',
    "chevron-down": '<path d="M5.5 9l6.5 6.5L18.5 9"/>',
    "menu": '<path d="M4 6.5h16M4 12h16M4 17.5h16"/>',
    "logout": '<path d="M14 4H5v16h9"/><path d="M10 12h10.5M16.5 8l4 4-4 4"/>',
    "flag": '<path d="M6 21V4h12l-2.5 4L18 12H6"/>',
    "refresh": '<path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.5"/><path d="M20 4v5.5h-5.5"/>',
    "eye": (
        '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/>'
        '<circle cx="12" cy="12" r="2.8"/>'
    ),
    "lock": '<path d="M5.5 11h13v9.5h-13z"/><path d="M8.5 11V7.5a3.5 3.5 0 0 1 7 0V11"/>',
    "book": (
        '<path d="M12 6.5C10 5 7 4.5 3.5 4.5v14c3.5 0 6.5.5 8.5 2 2-1.5'
        ' 5-2 8.5-2v-14c-3.5 0-6.5.5-8.5 2z"/><path d="M12 6.5v14"/>'
    ),
    "table": '<path d="M4 5h16v14.5H4z"/><path d="M4 10h16M4 14.7h16M10 5v14.5"/>',
    "pin": (
        '<path d="M12 21.5s7-6.8 7-12a7 7 0 0 0-14 0c0 5.2 7 12 7 12z"/><circle cx="12" cy="9.5" r="2.5"/>'
    ),
    "settings": (
        '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>'
    ),
    "copy": '<path d="M9 9h11v11H9z"/><path d="M15 9V4H4v11h5"/>',
    "filter": '<path d="M4 5h16l-6 7.5V19l-4 1.5v-8z"/>',
    "type": '<path d="M3 19L8.5 5 14 19M5 14.5h7M16 19l2.7-7 2.8 7M17 16.8h3.5"/>',
    "star": '<path d="M12 3.5l2.6 5.5 6 .8-4.4 4.2 1.1 6-5.3-2.9L6.7 20l1.1-6-4.4-4.2 6-.8z"/>',
    "chat": '<path d="M4 5h16v11.5h-9L6.5 20.5v-4H4z"/><path d="M8 9.5h8M8 12.7h5"/>',
    "shield": (
        '<path d="M12 3.5l7.5 2.5v5.5c0 4.5-3 7.7-7.5 9.5-4.5-1.8-7.5-5-7.5-9.5V6z"/>'
        '<path d="M8.5 12l2.5 2.5 4.5-5"/>'
    ),
}
