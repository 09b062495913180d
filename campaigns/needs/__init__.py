"""需求清单: openings of firms, seekers, and what firms need from banks. The plans call them 助企招人 and 金融助企 (叶集)."""
