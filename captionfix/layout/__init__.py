"""What stands where on a page, told from its elements: pictures, captions, roles, neighbourhoods."""
