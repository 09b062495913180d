"""The yearly assessment sheet (年度考核): points from bulletins, satisfaction and platform handling."""
